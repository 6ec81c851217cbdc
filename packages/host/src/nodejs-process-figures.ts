import { readFile, readdir } from 'node:fs/promises';
import { undefinedWhenAbsent } from './nodejs-system-errors.ts';
import type { ProcessFigures } from './process-figures.ts';

/** Source: proc(5). */
export async function processFigures(): Promise<ProcessFigures> {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, heapTotal } = process.memoryUsage();
  const [status, limits, files] = await Promise.all([
    undefinedWhenAbsent(readFile('/proc/self/status', 'utf8')),
    undefinedWhenAbsent(readFile('/proc/self/limits', 'utf8')),
    undefinedWhenAbsent(readdir('/proc/self/fd')),
  ]);
  const virtualKibibytes = /^VmSize:\s*(\d+) kB$/m.exec(status ?? '')?.[1];
  const openFilesMax = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1];
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: rss,
    startedMs: performance.timeOrigin,
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    ...(virtualKibibytes === undefined ? {} : { virtualBytes: Number(virtualKibibytes) * 1024 }),
    // The folder itself is open while it is read.
    ...(files === undefined ? {} : { openFiles: files.length - 1 }),
    ...(openFilesMax === undefined ? {} : { openFilesMax: Number(openFilesMax) }),
  };
}
