/** What only programs that run other programs' files and memory ask of the machine; most load none of it. */
export { nodejsMachineFiles } from './nodejs-machine-files.ts';
export { nodejsMemory } from './nodejs-memory.ts';
export { placesScript } from './private-mounts-script.ts';
