import { readFileSync } from 'node:fs';

/** CPU time of this process and, where the system tells it, of its children that have ended. */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenCpuTimeMs();
}

/** Linux counts it in hundredths of a second. */
function childrenCpuTimeMs(): number {
  if (process.platform !== 'linux') return 0;
  const text = readFileSync('/proc/self/stat', 'utf8');
  // The name of the program may hold spaces; fields are counted behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
