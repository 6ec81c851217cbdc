// What few programs ask of files.
export { readEnd } from './nodejs-file-end.ts';
export { writeTogether } from './nodejs-files-together.ts';
export { openLines } from './nodejs-rotated-file.ts';
