import '@fairway/client/connect';
import '@fairway/kinds/core/v1';
import { report } from './report.mjs';

report();
