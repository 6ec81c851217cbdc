/** SQLite of Node.js, and the lock of a file that comes with it. */
export { lockFile } from './nodejs-file-lock.ts';
export { loadSqlite } from './nodejs-sqlite.ts';
