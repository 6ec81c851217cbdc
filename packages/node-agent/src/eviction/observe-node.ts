import type { Clock, FileSystemFacts, Files, MachineFiles } from '@fairway/host';
import { fileText } from '../node/file-text.ts';
import { machineUsage } from '../node/machine-usage.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import type { Observation, Observations } from './thresholds.ts';

export interface ObservedMachine {
  readonly files: Files;
  readonly machineFiles: Pick<MachineFiles, 'fileSystem'>;
  readonly clock: Clock;
  /** In which pods are kept. */
  readonly rootDirectory: string;
  readonly runtime: Pick<PodRuntime, 'filesystems'>;
}

/** How much of everything is left on a machine. Errors: the system's, and the runtime's. */
export async function observeNode(of: ObservedMachine): Promise<Observations> {
  const { files, machineFiles, runtime, rootDirectory } = of;
  const [{ memory, fileSystem }, load, pidMax, [images]] = await Promise.all([
    machineUsage(of, rootDirectory),
    fileText(files, '/proc/loadavg'),
    fileText(files, '/proc/sys/kernel/pid_max'),
    runtime.filesystems(),
  ]);
  const { availableBytes, workingSetBytes } = memory;
  // Of processes in namespaces there are none.
  const hasImages = images !== undefined && images.usedBytes > 0;
  const imageFiles = hasImages ? await machineFiles.fileSystem(images.mountPoint) : undefined;
  return {
    'memory.available': { available: availableBytes, capacity: availableBytes + workingSetBytes },
    ...roomOf('nodefs', fileSystem),
    ...(imageFiles === undefined ? {} : roomOf('imagefs', imageFiles)),
    ...processesLeft(load, pidMax),
  };
}

function roomOf<Name extends string>(
  name: Name,
  { sizeBytes, freeBytes, inodes, freeInodes }: FileSystemFacts,
): Observations {
  return {
    [`${name}.available`]: { available: freeBytes, capacity: sizeBytes },
    // Some file systems do not count them.
    ...(inodes === 0
      ? {}
      : { [`${name}.inodesFree`]: { available: freeInodes, capacity: inodes } }),
  };
}

/** Source: proc(5): the fourth of `/proc/loadavg` is `RUNNING/ALL`. */
function processesLeft(load: string, pidMax: string): { readonly 'pid.available'?: Observation } {
  const capacity = Number(pidMax.trim());
  const all = Number(/\/(\d+) /.exec(load)?.[1]);
  if (!(capacity > 0 && all > 0)) return {};
  return { 'pid.available': { available: Math.max(0, capacity - all), capacity } };
}
