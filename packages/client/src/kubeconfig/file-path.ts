/** Paths as text, for any platform, so that this package needs no `node:path`. */

/** True when the path does not depend on where one stands. */
export function isAbsolutePath(path: string, platform: string): boolean {
  return platform === 'win32' ? /^([a-z]:[\\/]|[\\/]{2})/i.test(path) : path.startsWith('/');
}

/** `path` as seen from `directory`, with `.`, `..` and doubled separators taken out. */
export function resolvePath(directory: string, path: string, platform: string): string {
  const whole = isAbsolutePath(path, platform) ? path : `${directory}/${path}`;
  return platform === 'win32' ? cleanWindowsPath(whole) : cleanPath(whole, '/');
}

/** The directory that holds the file. */
export function directoryOf(path: string, platform: string): string {
  const end = Math.max(path.lastIndexOf('/'), platform === 'win32' ? path.lastIndexOf('\\') : -1);
  if (end < 0) return '.';
  return path.slice(0, end) || '/';
}

/** True when the text names a place and not just a program to look for on the PATH. */
export function hasPathSeparator(path: string, platform: string): boolean {
  return path.includes('/') || (platform === 'win32' && path.includes('\\'));
}

function cleanWindowsPath(path: string): string {
  const drive = /^([a-z]:|[\\/]{2}[^\\/]+)/i.exec(path)?.[0] ?? '';
  return drive + cleanPath(path.slice(drive.length).replaceAll('/', '\\'), '\\');
}

function cleanPath(path: string, separator: string): string {
  const isRooted = path.startsWith(separator);
  const kept: string[] = [];
  for (const part of path.split(separator)) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isRooted) kept.push(part);
  }
  return (isRooted ? separator : '') + kept.join(separator);
}
