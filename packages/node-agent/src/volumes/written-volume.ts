import { createHash } from 'node:crypto';
import type { NewFile } from '@fairway/host';
import { onNode } from '../environment/pod-on-node.ts';
import { podContainers } from '../pod-lifecycle/pod-containers.ts';
import { PodError } from '../sources/pod-sources.ts';
import type { MountedVolume } from './mounted-volume.ts';
import { type TokenFile, volumeFiles } from './volume-files.ts';
import type { SetUpVolume, VolumeSetUp } from './volume-set-up.ts';

interface WrittenKind {
  /** As the pod names it. */
  readonly kind: string;
  /** As a folder names it. */
  readonly folder: string;
  readonly isInMemory: boolean;
}

/** What this node cannot put into a file. */
const unsupported = ['clusterTrustBundle', 'podCertificate'] as const;

/** Volumes whose files come from the API: written as a whole when anything of them has changed. */
export function setUpWritten({ kind, folder: name, isInMemory }: WrittenKind): SetUpVolume {
  return async (setUp): Promise<MountedVolume> => {
    const { pod, volume, sources, node, memory } = setUp;
    refuseUnsupported(setUp);
    const found = await volumeFiles(volume, { pod: onNode(pod, node, []), sources });
    if (found.kind !== 'files') throw new PodError(`volume ${volume.name} has no files`);
    const folder = isInMemory ? setUp.memoryFolder : setUp.folder;
    const hostPath = folder.volume(name, volume.name);
    const files = new Map(found.files);
    for (const token of found.tokens) files.set(token.path, await tokenFile(token, setUp));
    const owned = ofGroup(files, pod.spec?.securityContext?.fsGroup);
    const written = fingerprint(owned);
    if (memory.written !== written) {
      await setUp.files.writeTogether(hostPath, owned);
      memory.written = written;
    }
    return { hostPath, isReadOnly: true, kind };
  };
}

function refuseUnsupported({ volume }: VolumeSetUp): void {
  for (const source of volume.projected?.sources ?? []) {
    const kind = unsupported.find((each) => source[each] !== undefined);
    if (kind !== undefined) {
      throw new PodError(`this node has no ${kind} for projected volumes; leave that source out`);
    }
  }
}

async function tokenFile(
  { path: _, mode, ...wish }: TokenFile,
  setUp: VolumeSetUp,
): Promise<NewFile> {
  const { pod, sources, tokens } = setUp;
  const token = await tokens.get(pod.metadata?.uid ?? '', wish, sources);
  const userId = onlyUser(setUp);
  const hasOwner = userId !== undefined || pod.spec?.securityContext?.fsGroup !== undefined;
  return {
    bytes: Buffer.from(token),
    // Whoever else is in the pod can read it only when nobody can be told apart.
    mode: hasOwner ? 0o600 : mode,
    ...(userId === undefined ? {} : { userId }),
  };
}

/** The user that all containers run as, as far as the pod says. Source: kubelet, FsUserFrom. */
function onlyUser({ pod }: VolumeSetUp): number | undefined {
  const users = podContainers(pod)
    .filter(({ kind }) => kind !== 'ephemeral')
    .map(({ spec }) => spec.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser);
  return new Set(users).size === 1 ? users[0] : undefined;
}

/** The group of the pod may read what it is given. */
function ofGroup(
  files: ReadonlyMap<string, NewFile>,
  groupId: number | undefined,
): ReadonlyMap<string, NewFile> {
  if (groupId === undefined) return files;
  return new Map(
    [...files].map(([path, file]) => [path, { ...file, groupId, mode: file.mode | 0o440 }]),
  );
}

/** Equal for the same files: nothing is written then. */
function fingerprint(files: ReadonlyMap<string, NewFile>): string {
  const hash = createHash('sha256');
  for (const [path, { bytes, mode, userId, groupId }] of files) {
    hash.update(`${JSON.stringify(path)} ${mode} ${userId} ${groupId} ${bytes.length}\n`);
    hash.update(bytes);
  }
  return hash.digest('base64');
}
