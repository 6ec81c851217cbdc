import type { ContainerRecord } from '../runtime/container.ts';
import type { ImageRecord } from '../runtime/image-store.ts';
import type { SandboxRecord } from '../runtime/sandbox.ts';
import type { ContainerUsage, FilesystemUsage } from '../runtime/usage.ts';
import type { CriMessage } from './messages.ts';

/** By their numbers. Source: runtime.v1 ContainerState. */
const containerStates: readonly ContainerRecord['state'][] = [
  'created',
  'running',
  'exited',
  'unknown',
];

export function containerState(state = 0): ContainerRecord['state'] {
  return containerStates[state] ?? 'unknown';
}

/** `addresses`: what only the status of the sandbox tells. */
export function sandboxRecord(
  sandbox: CriMessage<'PodSandbox'>,
  addresses: readonly string[],
): SandboxRecord {
  const { id = '', metadata, state = 0, createdAt, labels = {}, annotations = {} } = sandbox;
  return {
    id,
    attempt: Number(metadata?.attempt ?? 0),
    isReady: state === 0,
    createdMs: milliseconds(createdAt),
    addresses,
    labels,
    annotations,
  };
}

export function addressesOf(status: CriMessage<'PodSandboxStatus'> | undefined): readonly string[] {
  const { ip, additionalIps = [] } = status?.network ?? {};
  return [ip, ...additionalIps.map((each) => each.ip)].filter((each) => each !== undefined);
}

export function containerRecord(
  sandboxId: string,
  status: CriMessage<'ContainerStatus'>,
): ContainerRecord {
  const { id = '', metadata, createdAt, startedAt, finishedAt, image, imageRef = '' } = status;
  const { reason, message, labels = {}, annotations = {}, logPath } = status;
  const state = containerState(status.state);
  return {
    id,
    sandboxId,
    name: metadata?.name ?? '',
    attempt: Number(metadata?.attempt ?? 0),
    image: image?.image ?? '',
    imageId: imageRef,
    state,
    createdMs: milliseconds(createdAt),
    ...(startedAt === undefined ? {} : { startedMs: milliseconds(startedAt) }),
    ...(finishedAt === undefined ? {} : { finishedMs: milliseconds(finishedAt) }),
    ...(state === 'exited' ? { exitCode: status.exitCode ?? 0 } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    labels,
    annotations,
    ...(logPath === undefined ? {} : { logPath }),
  };
}

export function imageRecord(image: CriMessage<'Image'>): ImageRecord {
  const { id = '', repoTags = [], repoDigests = [], size = 0, uid, username, pinned } = image;
  return {
    id,
    tags: repoTags,
    digests: repoDigests,
    sizeBytes: Number(size),
    ...(uid === undefined ? {} : { userId: Number(uid.value ?? 0) }),
    ...(username === undefined ? {} : { userName: username }),
    isPinned: pinned ?? false,
  };
}

/** Undefined for a container of which nothing is counted (yet, or any more). */
export function containerUsage(
  { attributes, cpu, memory, writableLayer }: CriMessage<'ContainerStats'>,
  podUid: string,
): ContainerUsage | undefined {
  if (attributes?.id === undefined || cpu?.timestamp === undefined) return undefined;
  return {
    containerId: attributes.id,
    podUid,
    name: attributes.metadata?.name ?? '',
    timeMs: milliseconds(cpu.timestamp),
    cpuNanoseconds: Number(cpu.usageCoreNanoSeconds?.value ?? 0),
    workingSetBytes: Number(memory?.workingSetBytes?.value ?? 0),
    ...given('usedBytes', memory?.usageBytes),
    ...given('rssBytes', memory?.rssBytes),
    ...given('writtenBytes', writableLayer?.usedBytes),
  };
}

export function filesystemUsage(usage: CriMessage<'FilesystemUsage'>): FilesystemUsage {
  return {
    mountPoint: usage.fsId?.mountpoint ?? '',
    timeMs: milliseconds(usage.timestamp),
    usedBytes: Number(usage.usedBytes?.value ?? 0),
    ...given('inodesUsed', usage.inodesUsed),
  };
}

function given<Name extends string>(
  name: Name,
  wrapped: CriMessage<'UInt64Value'> | undefined,
): Partial<Record<Name, number>> {
  return (wrapped === undefined ? {} : { [name]: Number(wrapped.value ?? 0) }) as Partial<
    Record<Name, number>
  >;
}

/** CRI counts nanoseconds since 1970; zero is never. */
function milliseconds(nanoseconds: number | bigint = 0): number {
  return Math.floor(Number(nanoseconds) / 1e6);
}
