import type { ContainerdDoors } from './containerd-doors.ts';

/** A process of the machine, with what it was started as. */
export interface RunningCommand {
  readonly pid: number;
  /** Its file and its arguments; one empty word for what the kernel runs. */
  readonly words: readonly string[];
}

/** What runs on the machine. Source: proc_pid_cmdline(5). */
export async function runningCommands({
  machine,
  files,
}: Pick<ContainerdDoors, 'machine' | 'files'>): Promise<readonly RunningCommand[]> {
  const pids = (await machine.list('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (name) => {
      // It may end while it is looked at.
      const line = await files.read(`/proc/${name}/cmdline`).catch(() => undefined);
      const text = Buffer.from(line ?? []).toString();
      return { pid: Number(name), words: text.replace(/\0$/, '').split('\0') };
    }),
  );
}
