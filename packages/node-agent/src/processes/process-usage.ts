import { readFile } from 'node:fs/promises';
import { mountsOf, processIds } from './process-mounts.ts';

/** What the processes of a container take. */
export interface ProcessUsage {
  readonly cpuNanoseconds: number;
  readonly rssBytes: number;
}

/** The kernel tells times to programs in hundredths of a second. Source: proc_pid_stat(5). */
const tickNanoseconds = 10_000_000;

/** By what `mountsOf` tells of each process. */
export async function usageByMounts(): Promise<ReadonlyMap<string, ProcessUsage>> {
  const usages = new Map<string, ProcessUsage>();
  for (const pid of await processIds()) {
    const namespace = await mountsOf(pid);
    const usage = namespace === undefined ? undefined : await usageOf(pid);
    if (namespace === undefined || usage === undefined) continue;
    const before = usages.get(namespace) ?? { cpuNanoseconds: 0, rssBytes: 0 };
    usages.set(namespace, {
      cpuNanoseconds: before.cpuNanoseconds + usage.cpuNanoseconds,
      rssBytes: before.rssBytes + usage.rssBytes,
    });
  }
  return usages;
}

async function usageOf(pid: number): Promise<ProcessUsage | undefined> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    // From the third field on. Those who have ended count with whoever waited for them.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
    const kibibytes = Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    return { cpuNanoseconds: ticks * tickNanoseconds, rssBytes: kibibytes * 1024 };
  } catch {
    return undefined; // It has ended meanwhile.
  }
}
