import type { Clock, FileSystemFacts, Files, MachineFiles } from '@fairway/host';
import { fileText } from './file-text.ts';
import { meminfoBytes } from './machine.ts';

/** What a machine uses. */
export interface MachineUsage {
  readonly timeMs: number;
  /** Since when the machine runs. */
  readonly startedMs: number;
  /** Of all its processors since then. */
  readonly cpuNanoseconds: number;
  readonly memory: {
    readonly availableBytes: number;
    readonly usedBytes: number;
    /** What cannot be given back without harm. */
    readonly workingSetBytes: number;
  };
  /** The one that pods and their volumes are on. */
  readonly fileSystem: FileSystemFacts;
}

/** The kernel counts the time of processors in hundredths of a second. */
const nanosecondsPerTick = 1e7;

/**
 * What this machine uses, as its kernel tells it.
 *
 * Source: proc(5), `/proc/stat`, `/proc/meminfo`.
 */
export async function machineUsage(
  {
    files,
    machineFiles,
    clock,
  }: {
    readonly files: Files;
    readonly machineFiles: Pick<MachineFiles, 'fileSystem'>;
    readonly clock: Clock;
  },
  rootDirectory: string,
): Promise<MachineUsage> {
  const [stat, memory, fileSystem] = await Promise.all([
    fileText(files, '/proc/stat'),
    fileText(files, '/proc/meminfo'),
    machineFiles.fileSystem(rootDirectory),
  ]);
  const totalBytes = meminfoBytes(memory, 'MemTotal');
  const usedBytes = totalBytes - meminfoBytes(memory, 'MemFree');
  const workingSetBytes = Math.max(0, usedBytes - meminfoBytes(memory, 'Inactive(file)'));
  const [, startedSeconds = '0'] = /^btime (\d+)$/m.exec(stat) ?? [];
  return {
    timeMs: clock.now(),
    startedMs: Number(startedSeconds) * 1_000,
    cpuNanoseconds: busyTicks(stat) * nanosecondsPerTick,
    memory: {
      usedBytes,
      workingSetBytes,
      availableBytes: Math.max(0, totalBytes - workingSetBytes),
    },
    fileSystem,
  };
}

/** `cpu user nice system idle iowait irq softirq steal …`; the time of guests is among that of users. */
function busyTicks(stat: string): number {
  const [, counts = ''] = /^cpu +([\d ]+)$/m.exec(stat) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = counts.split(' ').map(Number);
  return user + nice + system + irq + softirq;
}
