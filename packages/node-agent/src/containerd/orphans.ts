import { fileText } from '../node/file-text.ts';
import type { CriClient } from '../cri/cri-client.ts';
import type { ContainerdFolders } from './containerd-config.ts';
import type { ContainerdDoors } from './containerd-doors.ts';
import { runCtr, runTool } from './run-tool.ts';
import { runningCommands } from './running-commands.ts';

/** What keeps a pod on the machine beside containerd. */
export interface PodTraces {
  /** Each holds a container and what runs in it. */
  readonly shims: readonly { readonly pid: number; readonly id: string }[];
  /** Where the network of a pod is mounted. */
  readonly networks: readonly string[];
  /** Files, each named by the address that is taken, with the sandbox that has it. */
  readonly addresses: readonly { readonly path: string; readonly id: string }[];
}

/** What there is of pods, whoever knows of them. To be asked for while no containerd runs. */
export async function podTraces(
  folders: ContainerdFolders,
  doors: ContainerdDoors,
): Promise<PodTraces> {
  const { machine, files } = doors;
  const networks = `${folders.state}/io.containerd.grpc.v1.cri/netns`;
  const addresses = `${folders.addresses}/fairway`;
  const addressFiles = (await machine.list(addresses)).filter((name) => /^[\d.:a-f]+$/.test(name));
  return {
    shims: await shimsOf(folders, doors),
    networks: (await machine.list(networks)).map((name) => `${networks}/${name}`),
    addresses: await Promise.all(
      addressFiles.map(async (name) => {
        const path = `${addresses}/${name}`;
        const [id = ''] = (await fileText(files, path)).split(/\s/);
        return { path, id };
      }),
    ),
  };
}

/**
 * Takes away what no pod has that containerd knows: it was killed while it made or removed one, and
 * has written nothing down yet or any more.
 */
export async function removeOrphans(
  traces: PodTraces,
  client: CriClient,
  { folders, doors }: { readonly folders: ContainerdFolders; readonly doors: ContainerdDoors },
): Promise<void> {
  if (traces.shims.length + traces.networks.length + traces.addresses.length === 0) return;
  const [{ items = [] }, { containers = [] }, tasks] = await Promise.all([
    client.call('ListPodSandbox', {}),
    client.call('ListContainers', {}),
    runCtr(folders.socket, ['tasks', 'list', '--quiet'], doors),
  ]);
  // What containerd has no task for, it cannot end.
  const reached = new Set(Buffer.from(tasks.output).toString().split('\n'));
  const sandboxes = items.map(({ id = '' }) => id);
  const ids = new Set([...sandboxes, ...containers.map(({ id = '' }) => id)]);
  const networks = new Set(await Promise.all(sandboxes.map((id) => networkOf(client, id))));
  await removeTraces(
    {
      shims: traces.shims.filter(({ id }) => !ids.has(id) || !reached.has(id)),
      networks: traces.networks.filter((path) => !networks.has(path)),
      addresses: traces.addresses.filter(({ id }) => !ids.has(id)),
    },
    { folders, doors },
  );
}

/** Ends what these hold and takes it away. */
export async function removeTraces(
  { shims, networks, addresses }: PodTraces,
  { folders, doors }: { readonly folders: ContainerdFolders; readonly doors: ContainerdDoors },
): Promise<void> {
  const { background, machine, files } = doors;
  for (const { pid, id } of shims) {
    // It has none when its shim was just to make it.
    await runTool('runc', ['--root', `${folders.runc}/k8s.io`, 'delete', '--force', id], doors);
    background.signal(pid, 'SIGKILL');
  }
  const mounted = new Set((await machine.mounts()).map(({ path }) => path));
  for (const path of networks) {
    if (mounted.has(path)) await machine.unmount(path);
    await files.remove(path);
  }
  for (const { path } of addresses) await files.remove(path);
}

async function shimsOf(
  { socket }: ContainerdFolders,
  doors: ContainerdDoors,
): Promise<PodTraces['shims']> {
  return (await runningCommands(doors)).flatMap(({ pid, words }) => {
    const isOurs = /containerd-shim/.test(words[0] ?? '') && words.includes(socket);
    const id = words[words.indexOf('-id') + 1];
    return isOurs && id !== undefined ? [{ pid, id }] : [];
  });
}

/** Where the network of a sandbox is mounted; undefined: it has that of the machine. */
async function networkOf(client: CriClient, podSandboxId: string): Promise<string | undefined> {
  const { info } = await client.call('PodSandboxStatus', { podSandboxId, verbose: true });
  const { runtimeSpec } = JSON.parse(info?.['info'] ?? '{}') as VerboseInfo;
  return runtimeSpec?.linux?.namespaces?.find(({ type }) => type === 'network')?.path;
}

/** As far as anybody asks. Source: containerd, internal/cri, SandboxInfo; OCI runtime specification. */
interface VerboseInfo {
  readonly runtimeSpec?: {
    readonly linux?: {
      readonly namespaces?: readonly { readonly type: string; readonly path?: string }[];
    };
  };
}
