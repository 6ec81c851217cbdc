import 'node:https';
import { report } from './report.mjs';

report();
