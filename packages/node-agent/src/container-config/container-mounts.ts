import { dirname } from 'node:path';
import type { Files, MachineFiles, MountPoint } from '@fairway/host';
import { fileText } from '../node/file-text.ts';
import { expandVariables } from '../environment/expand-variables.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import { type PodFolder, podFolder } from '../node/pod-folders.ts';
import type { ContainerSpec } from '../pod-lifecycle/container-status.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { PodError } from '../sources/pod-sources.ts';
import type { ContainerMount } from '../runtime/container.ts';
import type { MountedVolume } from '../volumes/mounted-volume.ts';
import { nodeHosts, podHosts } from './hosts-file.ts';
import { podHostname } from './pod-hostname.ts';

export interface MountedContainer {
  readonly pod: AnyPod;
  readonly container: ContainerSpec;
  readonly attempt: number;
  /** Of the pod, by their names in it. */
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly podAddresses: readonly string[];
  readonly node: NodeFacts;
  readonly machine: MachineFiles;
  readonly files: Pick<Files, 'read'>;
}

type VolumeMount = NonNullable<ContainerSpec['volumeMounts']>[number];

const hostsPath = '/etc/hosts';

/**
 * What of the machine a container sees, made ready: parts of volumes are bound, its hosts file and the file
 * of its termination message are written.
 *
 * Errors: `PodError` for what cannot be mounted.
 */
export async function containerMounts(
  of: MountedContainer,
  variables: Readonly<Record<string, string>>,
): Promise<readonly ContainerMount[]> {
  const folder = podFolder(of.node.rootDirectory, of.pod.metadata?.uid ?? '');
  refuseDevices(of.container);
  const mounts: ContainerMount[] = [];
  for (const [index, mount] of (of.container.volumeMounts ?? []).entries()) {
    const { volume, hostPath } = await hostPathOf(mount, { of, folder, index, variables });
    refuseRecursive(mount);
    const { mountPath, readOnly = false } = mount;
    const propagation = propagationOf(mount);
    await requireShared(hostPath, propagation, of.machine);
    mounts.push({
      containerPath: mountPath.startsWith('/') ? mountPath : `/${mountPath}`,
      hostPath,
      isReadOnly: readOnly || volume.isReadOnly,
      propagation,
    });
  }
  if (!mounts.some(({ containerPath }) => containerPath === hostsPath)) {
    mounts.push(await hostsMount(of, folder));
  }
  return [...mounts, ...(await terminationLogMount(of, folder))];
}

interface MountContext {
  readonly of: MountedContainer;
  readonly folder: PodFolder;
  readonly index: number;
  readonly variables: Readonly<Record<string, string>>;
}

async function hostPathOf(
  mount: VolumeMount,
  { of, folder, index, variables }: MountContext,
): Promise<{ readonly volume: MountedVolume; readonly hostPath: string }> {
  const container = of.container.name;
  const volume = of.volumes.get(mount.name);
  if (volume === undefined) {
    const [name, user] = [JSON.stringify(mount.name), JSON.stringify(container)];
    throw new PodError(`cannot find volume ${name} to mount into container ${user}`);
  }
  const subPath = subPathOf(mount, variables);
  if (subPath === '') return { volume, hostPath: volume.hostPath };
  const target = folder.subPath(mount.name, container, index);
  try {
    // The one of the container before; what has it mounted keeps it.
    for (const { path } of await of.machine.mountsWithin(target)) await of.machine.unmount(path);
    await of.machine.bindWithin(volume.hostPath, subPath, target);
  } catch (cause) {
    // The cause would tell what else there is on the machine.
    const where = `volumeMount ${JSON.stringify(mount.name)} of container ${JSON.stringify(container)}`;
    throw new PodError(`failed to prepare subPath for ${where}`, { cause });
  }
  return { volume, hostPath: target };
}

function subPathOf(
  { subPath = '', subPathExpr = '' }: VolumeMount,
  variables: Readonly<Record<string, string>>,
): string {
  const path = subPathExpr === '' ? subPath : expanded(subPathExpr, variables);
  if (path.startsWith('/'))
    throw new PodError(`error SubPath \`${path}\` must not be an absolute path`);
  if (path.split('/').includes('..')) {
    throw new PodError(`unable to provision SubPath \`${path}\`: must not contain '..'`);
  }
  return path;
}

function expanded(text: string, variables: Readonly<Record<string, string>>): string {
  return expandVariables(text, (name) => {
    const value = variables[name];
    if (value === undefined) throw new PodError(`missing value for ${JSON.stringify(name)}`);
    return value;
  });
}

const propagations = {
  None: 'private',
  HostToContainer: 'host-to-container',
  Bidirectional: 'bidirectional',
} as const;

function propagationOf({ mountPropagation = 'None' }: VolumeMount): ContainerMount['propagation'] {
  const propagation = propagations[mountPropagation as keyof typeof propagations];
  if (propagation !== undefined) return propagation;
  throw new PodError(`invalid MountPropagation mode: ${JSON.stringify(mountPropagation)}`);
}

/** The runtime's own words of it say neither where nor what to do. */
async function requireShared(
  path: string,
  propagation: ContainerMount['propagation'],
  machine: MachineFiles,
): Promise<void> {
  if (propagation === 'private') return;
  const place = mountOf(path, await machine.mounts());
  const isEnough = propagation === 'bidirectional' ? ['shared'] : ['shared', 'slave'];
  if (place === undefined || isEnough.includes(place.propagation)) return;
  throw new PodError(
    `path ${JSON.stringify(path)} is mounted on ${JSON.stringify(place.path)} but it is not a shared mount; run: mount --make-rshared ${place.path}`,
  );
}

/** The mount that holds a path: the deepest, of these the last. */
function mountOf(path: string, mounts: readonly MountPoint[]): MountPoint | undefined {
  const holds = (place: string): boolean =>
    path === place || path.startsWith(place === '/' ? place : `${place}/`);
  return mounts
    .filter((mount) => holds(mount.path))
    .reduce<MountPoint | undefined>(
      (best, each) => (best !== undefined && best.path.length > each.path.length ? best : each),
      undefined,
    );
}

async function hostsMount(of: MountedContainer, folder: PodFolder): Promise<ContainerMount> {
  const { pod, node, machine, podAddresses } = of;
  const text =
    pod.spec?.hostNetwork === true
      ? nodeHosts(pod, await fileText(of.files, hostsPath))
      : podHosts(pod, podHostname(pod, node.clusterDomain), podAddresses);
  await machine.makeDirectory(folder.path, 0o750);
  await machine.overwrite(folder.hostsFile, Buffer.from(text), 0o644);
  return { ...ownFile, containerPath: hostsPath, hostPath: folder.hostsFile };
}

async function terminationLogMount(
  { container, attempt, machine }: MountedContainer,
  folder: PodFolder,
): Promise<readonly ContainerMount[]> {
  const { name, terminationMessagePath = '' } = container;
  if (terminationMessagePath === '') return [];
  const hostPath = folder.terminationLog(name, attempt);
  await machine.makeDirectory(dirname(hostPath), 0o750);
  await machine.overwrite(hostPath, new Uint8Array(), 0o666);
  return [{ ...ownFile, containerPath: terminationMessagePath, hostPath }];
}

const ownFile = { isReadOnly: false, propagation: 'private' } as const;

function refuseDevices({ name, volumeDevices = [] }: ContainerSpec): void {
  const [device] = volumeDevices;
  if (device === undefined) return;
  throw new PodError(
    `cannot find volume ${JSON.stringify(device.name)} to pass into container ${JSON.stringify(name)}: this node has no block volumes (volumeDevices); use volumeMounts`,
  );
}

function refuseRecursive({ name, recursiveReadOnly }: VolumeMount): void {
  if (recursiveReadOnly !== 'Enabled') return;
  throw new PodError(
    `failed to resolve recursive read-only mode: volume ${JSON.stringify(name)} requested recursive read-only mode, but it is not supported by the runtime`,
  );
}
