import '@kubernetes/client-node';
import { report } from './report.mjs';

report();
