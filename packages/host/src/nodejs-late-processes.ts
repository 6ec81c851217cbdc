// What few programs ask of processes.
export { processFigures } from './nodejs-process-figures.ts';
export { runToEnd } from './nodejs-processes.ts';
