/** What only programs that run other programs ask of the machine, as Node.js sees it. Made by entry points only. */
export { nodejsAttachedProcesses } from './nodejs-attached-processes.ts';
export { nodejsBackgroundProcesses } from './nodejs-background-processes.ts';
export { nodejsMachineFiles } from './nodejs-machine-files.ts';
export { nodejsMemory } from './nodejs-memory.ts';
export { nodejsPrivateFiles } from './nodejs-private-files.ts';
export { nodejsSignals } from './nodejs-signals.ts';
export { nodejsTerminal } from './nodejs-terminal.ts';
export { placesScript } from './private-mounts-script.ts';
