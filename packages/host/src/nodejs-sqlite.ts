/**
 * SQLite, loaded when it is asked for: importing it by name would load it wherever the importing
 * package is imported. Node.js 22 warns whoever loads it that it is experimental, which tells a user
 * of ours nothing.
 */
export function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}
