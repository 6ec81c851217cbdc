import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What of a machine belongs to one cluster. */
export interface ClusterMarks {
  /** Absolute. */
  readonly dataDirectory: string;
  /** What every address of its pods and services begins with: `10.143.` */
  readonly addressPrefixes: readonly string[];
}

/** What `fairway up` puts into the names of what it makes on its machine. */
export function markOf({ dataDirectory }: Pick<ClusterMarks, 'dataDirectory'>): string {
  const hash = createHash('sha256').update(dataDirectory).digest('hex');
  return `fairway-${hash.slice(0, 8)}`;
}

/** What a machine has for a cluster outside of its data directory, in words; each list is empty where it has nothing. */
export interface MachineTraces {
  readonly mounts: readonly string[];
  readonly processes: readonly string[];
  readonly cgroups: readonly string[];
  /** Those that the kernel knows a way to. */
  readonly addresses: readonly string[];
  /** Of interfaces. */
  readonly ownAddresses: readonly string[];
  readonly routes: readonly string[];
  readonly tables: readonly string[];
  /** Below `/run`. */
  readonly runFiles: readonly string[];
  readonly networkResults: readonly string[];
}

/** Looks wherever a cluster may have left something. */
export async function machineTraces(marks: ClusterMarks): Promise<MachineTraces> {
  const mark = markOf(marks);
  const isOurs = (text: string): boolean =>
    text.includes(mark) || text.includes(`${marks.dataDirectory}/`);
  const isWithin = (word: string): boolean =>
    marks.addressPrefixes.some((prefix) => word.startsWith(prefix));
  const hasAddress = (line: string): boolean => line.split(' ').some(isWithin);
  return {
    mounts: await mounts(isOurs),
    processes: await processes(isOurs),
    cgroups: await cgroups(mark),
    addresses: await addresses(isWithin),
    ownAddresses: (await linesOf('ip', '-o', 'address')).filter(hasAddress),
    routes: (await linesOf('ip', 'route')).filter(hasAddress),
    tables: (await linesOf('nft', 'list', 'tables')).filter((line) => line.includes(mark)),
    runFiles: await filesIn('/run', mark),
    networkResults: await networkResults(isOurs),
  };
}

/** All of them in one list, each of which says what it is. */
export async function allMachineTraces(marks: ClusterMarks): Promise<readonly string[]> {
  return Object.values(await machineTraces(marks))
    .flat()
    .sort();
}

/** The processes in the cgroup of a pod, its sandbox among them. */
export async function processesOfPod(uid: string): Promise<readonly number[]> {
  const found = await Promise.all(
    (await processIds()).map(async (pid) => {
      const groups = await textOf(`/proc/${pid}/cgroup`);
      return groups.includes(`/pod${uid}/`) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

async function mounts(isOurs: (text: string) => boolean): Promise<string[]> {
  const paths = (await textOf('/proc/self/mounts')).split('\n').map((line) => line.split(' ')[1]);
  return paths.flatMap((path) => (path !== undefined && isOurs(path) ? [`mount ${path}`] : []));
}

/** Those that were started for the cluster, and those that run in its pods. */
async function processes(isOurs: (text: string) => boolean): Promise<string[]> {
  const found = await Promise.all(
    (await processIds()).map(async (pid) => {
      const [command, groups] = await Promise.all([
        textOf(`/proc/${pid}/cmdline`),
        textOf(`/proc/${pid}/cgroup`),
      ]);
      const words = command.replaceAll('\0', ' ').trim();
      return isOurs(command) || isOurs(groups) ? [`process ${pid} ${words}`] : [];
    }),
  );
  return found.flat();
}

async function cgroups(mark: string): Promise<string[]> {
  const root = '/sys/fs/cgroup';
  const trees = [root, ...(await namesIn(root)).map((name) => `${root}/${name}`)];
  const found = await Promise.all(trees.map((tree) => filesIn(tree, mark)));
  return found.flat().map((text) => `cgroup ${text}`);
}

async function addresses(isWithin: (word: string) => boolean): Promise<string[]> {
  const lines = (await textOf('/proc/net/fib_trie')).split('\n');
  const found = lines.flatMap((line) => line.split(' ').filter(isWithin));
  return [...new Set(found)].map((address) => `address ${address}`);
}

async function filesIn(parent: string, mark: string): Promise<string[]> {
  const names = (await namesIn(parent)).filter((name) => name.includes(mark));
  return names.map((name) => `${parent}/${name}`);
}

/** What a program prints. */
async function linesOf(file: string, ...words: string[]): Promise<readonly string[]> {
  return (await promisify(execFile)(file, words)).stdout.split('\n');
}

/** What the library of network plugins keeps for each pod, whoever runs it. */
async function networkResults(isOurs: (text: string) => boolean): Promise<string[]> {
  const folder = '/var/lib/cni/results';
  const found = await Promise.all(
    (await namesIn(folder)).map(async (name) =>
      isOurs(await textOf(`${folder}/${name}`)) ? [`network result ${name}`] : [],
    ),
  );
  return found.flat();
}

async function processIds(): Promise<readonly string[]> {
  return (await namesIn('/proc')).filter((name) => /^\d+$/.test(name));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** Empty for what has gone while it was looked at. */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
