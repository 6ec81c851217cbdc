// What few programs ask of files.
export { readEnd, readParts } from './nodejs-file-parts.ts';
export { writeTogether } from './nodejs-files-together.ts';
export { openLines } from './nodejs-rotated-file.ts';
