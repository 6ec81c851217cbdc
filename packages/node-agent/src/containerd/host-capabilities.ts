import { CommandNotFoundError, type Environment, type Files } from '@fairway/host';
import { fileText } from '../node/file-text.ts';
import { type ToolDoors, runTool } from './run-tool.ts';

/** Something that a machine has or lacks, by the name that tests and people call it. */
export interface HostCapability {
  readonly name: string;
  /** Without it containerd cannot run pods here. */
  readonly isNeeded: boolean;
  readonly isThere: boolean;
  /** What somebody can do who lacks it. */
  readonly remedy: string;
}

/** What of a machine matters to a private containerd. */
export interface ContainerHost {
  readonly capabilities: readonly HostCapability[];
  /** `1.6.20`; undefined when there is none. */
  readonly containerdVersion: string | undefined;
  /** Where the network plugins are. */
  readonly pluginsDirectory: string | undefined;
  readonly hasSysResource: boolean;
  readonly hasAppArmor: boolean;
  readonly hasHugetlb: boolean;
  readonly cgroups: 'v1' | 'v2' | 'none';
}

export interface HostDoors extends ToolDoors {
  readonly files: Files;
}

/** Debian's place, and everybody else's. */
const pluginsDirectories = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];

/** By their numbers. Source: capabilities(7). */
const sysAdmin = 21;
const sysResource = 24;

/** Looks at the machine. Starts nothing that lasts. */
export async function containerHost(host: HostDoors): Promise<ContainerHost> {
  const { files, environment } = host;
  const text = (path: string): Promise<string> => fileText(files, path);
  const exists = async (path: string): Promise<boolean> => (await files.stat(path)) !== undefined;
  const [status, filesystems, controllers, appArmor] = await Promise.all([
    text('/proc/self/status'),
    text('/proc/filesystems'),
    text('/sys/fs/cgroup/cgroup.controllers'),
    text('/sys/module/apparmor/parameters/enabled'),
  ]);
  const containerd = await firstLine(host, 'containerd', ['--version']);
  const containerdVersion = /\bv?(\d+\.\d+\.\d+)/.exec(containerd ?? '')?.[1];
  const runc = await firstLine(host, 'runc', ['--version']);
  const ctr = await firstLine(host, 'ctr', ['--version']);
  const nft = await firstLine(host, 'nft', ['--version']);
  const pluginsDirectory = await findPlugins(exists);
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const may = (capability: number): boolean => ((effective >> BigInt(capability)) & 1n) === 1n;
  const isRoot = /^Uid:\s*0\b/m.test(status) && may(sysAdmin);
  const hasMemoryV1 = await exists('/sys/fs/cgroup/memory');
  const cgroups = controllers !== '' ? 'v2' : hasMemoryV1 ? 'v1' : 'none';
  const packages = 'install the packages containerd, runc and containernetworking-plugins';
  const needed = (name: string, isThere: boolean, remedy: string): HostCapability => ({
    name,
    isNeeded: true,
    isThere,
    remedy,
  });
  return {
    capabilities: [
      needed('linux', environment.platform === 'linux', 'containers need Linux'),
      needed('root', isRoot, 'run it as root'),
      needed('containerd', containerdVersion !== undefined && ctr !== undefined, packages),
      needed('runc', runc !== undefined, packages),
      needed('cni-plugins', pluginsDirectory !== undefined, packages),
      needed('overlay', /\boverlay$/m.test(filesystems), 'load the kernel module overlay'),
      needed('cgroups', cgroups !== 'none', 'mount the cgroups below /sys/fs/cgroup'),
      {
        ...needed('nft', nft !== undefined, 'install the package nftables'),
        isNeeded: false,
      },
      {
        ...needed('sys-resource', may(sysResource), 'give the machine CAP_SYS_RESOURCE'),
        isNeeded: false,
      },
    ],
    containerdVersion,
    pluginsDirectory,
    hasSysResource: may(sysResource),
    hasAppArmor: appArmor.startsWith('Y'),
    hasHugetlb:
      cgroups === 'v2' ? /\bhugetlb\b/.test(controllers) : await exists('/sys/fs/cgroup/hugetlb'),
    cgroups,
  };
}

/** What hinders containerd from running pods here, in words; undefined: nothing. */
export function lackedCapabilities({ capabilities }: ContainerHost): string | undefined {
  const lacked = capabilities.filter(({ isNeeded, isThere }) => isNeeded && !isThere);
  if (lacked.length === 0) return undefined;
  const names = lacked.map(({ name }) => name).join(', ');
  const remedies = [...new Set(lacked.map(({ remedy }) => remedy))].join('; ');
  return `the machine lacks ${names}: ${remedies}`;
}

/** As images name it. */
export function goArchitecture({ architecture }: Environment): string {
  return architecture === 'x64' ? 'amd64' : architecture;
}

async function findPlugins(
  exists: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const directory of pluginsDirectories) {
    const plugins = ['ptp', 'host-local', 'portmap', 'loopback'];
    const found = await Promise.all(plugins.map((name) => exists(`${directory}/${name}`)));
    if (found.every((each) => each)) return directory;
  }
  return undefined;
}

/** What a program says first; undefined when there is none, or it fails. */
async function firstLine(
  host: HostDoors,
  file: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    const { exitCode, output } = await runTool(file, args, host);
    return exitCode === 0 ? Buffer.from(output).toString().split('\n')[0] : undefined;
  } catch (error) {
    if (error instanceof CommandNotFoundError) return undefined;
    throw error;
  }
}
