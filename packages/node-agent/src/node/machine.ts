import type { Environment, Files, MachineFiles } from '@fairway/host';
import type { NodeSystemInfo } from '@fairway/kinds/core/v1';
import { fileText } from './file-text.ts';

/** What a node tells of the machine that it is. */
export interface Machine {
  readonly hostName: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** Of the file system that holds pods, logs and images. */
  readonly storageBytes: number;
  readonly info: MachineInfo;
}

export type MachineInfo = Pick<
  NodeSystemInfo,
  | 'architecture'
  | 'bootID'
  | 'kernelVersion'
  | 'machineID'
  | 'operatingSystem'
  | 'osImage'
  | 'systemUUID'
>;

/**
 * Reads what the machine says of itself. What it does not tell is empty; `directory` is where pods are kept.
 *
 * Source: kubelet, cAdvisor's machine info; proc(5), os-release(5).
 */
export async function readMachine(
  {
    files,
    machineFiles,
    environment,
  }: {
    readonly files: Files;
    readonly machineFiles: Pick<MachineFiles, 'fileSystem'>;
    readonly environment: Environment;
  },
  directory: string,
): Promise<Machine> {
  const text = async (path: string): Promise<string> => (await fileText(files, path)).trim();
  const [processors, memory, release, kernelVersion, bootID, machineID, systemUUID] =
    await Promise.all([
      text('/proc/cpuinfo'),
      text('/proc/meminfo'),
      text('/etc/os-release'),
      text('/proc/sys/kernel/osrelease'),
      text('/proc/sys/kernel/random/boot_id'),
      text('/etc/machine-id'),
      text('/sys/class/dmi/id/product_uuid'),
    ]);
  const { architecture } = environment;
  return {
    hostName: environment.hostName.toLowerCase(),
    cpuCount: Math.max(1, processors.match(/^processor\s*:/gm)?.length ?? 1),
    memoryBytes: meminfoBytes(memory, 'MemTotal'),
    storageBytes: (await machineFiles.fileSystem(directory)).sizeBytes,
    info: {
      architecture: goArchitectures[architecture] ?? architecture,
      bootID,
      kernelVersion,
      machineID,
      operatingSystem: 'linux',
      osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release)?.[1] ?? '',
      systemUUID: systemUUID === '' ? machineID : systemUUID,
    },
  };
}

/** An amount of `/proc/meminfo`: of `Inactive(file)`, say; 0 where it tells none. Source: proc(5). */
export function meminfoBytes(meminfo: string, name: string): number {
  const line = meminfo.split('\n').find((each) => each.startsWith(`${name}:`)) ?? '';
  return Number(/:\s*(\d+) kB$/.exec(line)?.[1] ?? 0) * 1024;
}

/** Kubernetes has Go's names. */
const goArchitectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
};
