import { type Clock, type Files, type Logger, type MachineFiles, messageOf } from '@fairway/host';
import type { Volume } from '@fairway/kinds/core/v1';
import type { NodeFacts } from '../node/node-facts.ts';
import { isPathPart, podFolder } from '../node/pod-folders.ts';
import { type AnyPod, podContainers } from '../pod-lifecycle/pod-containers.ts';
import { PodError } from '../sources/pod-sources.ts';
import { setUpClaim, setUpEphemeral } from './claimed-volume.ts';
import { setUpEmptyDir } from './empty-dir.ts';
import { setUpHostPath } from './host-path.ts';
import type { MountedVolume } from './mounted-volume.ts';
import { PodTokens } from './pod-tokens.ts';
import { refuseVolume } from './unsupported-volume.ts';
import type { VolumeUsage } from './volume-usage.ts';
import type { VolumeSources } from '../sources/volume-sources.ts';
import type { SetUpVolume, VolumeMemory, VolumeSetUp } from './volume-set-up.ts';
import { setUpWritten } from './written-volume.ts';

/** The volumes of pods on this machine. Calls for one pod come one after the other. */
export interface PodVolumes extends AsyncDisposable {
  /**
   * Makes every volume ready that a container of the pod mounts, and answers them by name. To be called
   * again and again: what has changed of config maps, secrets, tokens and labels is written anew.
   *
   * Errors: `PodError` where something is missing, in a kubelet's words: the pod waits (`FailedMount`).
   */
  setUp(pod: AnyPod): Promise<ReadonlyMap<string, MountedVolume>>;
  /**
   * Takes away all that was made for a pod: mounts and files, none that belong to others. Nothing of it may
   * run any more. Errors: throws while something uses a mount; to be tried again.
   */
  tearDown(podUid: string): Promise<void>;
  /** What the volumes take that were made for a pod; none of others' folders. */
  usage(podUid: string): Promise<readonly VolumeUsage[]>;
  /** The pods of which anything is left, by uid: after a restart of the agent, too. */
  leftovers(): Promise<readonly string[]>;
  /** Ends the mount that holds secrets, where no pod has any. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PodVolumesParts {
  readonly machine: MachineFiles;
  readonly files: Pick<Files, 'writeTogether'>;
  readonly sourcesOf: (pod: AnyPod) => VolumeSources;
  readonly node: NodeFacts;
  /** Holds secrets: a file system in memory is mounted there, unless it lies in one already. */
  readonly memoryDirectory: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const kinds: Readonly<Partial<Record<keyof Volume, SetUpVolume>>> = {
  emptyDir: setUpEmptyDir,
  hostPath: setUpHostPath,
  persistentVolumeClaim: setUpClaim,
  ephemeral: setUpEphemeral,
  configMap: setUpWritten({ kind: 'configMap', folder: 'configmap', isInMemory: false }),
  secret: setUpWritten({ kind: 'secret', folder: 'secret', isInMemory: true }),
  downwardAPI: setUpWritten({ kind: 'downwardAPI', folder: 'downward-api', isInMemory: true }),
  projected: setUpWritten({ kind: 'projected', folder: 'projected', isInMemory: true }),
};

/** Their folders are there without the pod. */
const othersKinds = new Set(['hostPath', 'persistentVolumeClaim']);

export function podVolumes(parts: PodVolumesParts): PodVolumes {
  return new VolumesOnDisk(parts);
}

class VolumesOnDisk implements PodVolumes {
  readonly #parts: PodVolumesParts;
  readonly #tokens: PodTokens;
  /** What was made last, by pod. */
  readonly #made = new Map<string, ReadonlyMap<string, MountedVolume>>();
  /** By pod, by volume. */
  readonly #memories = new Map<string, Map<string, VolumeMemory>>();
  #ready: Promise<void> | undefined;

  constructor(parts: PodVolumesParts) {
    this.#parts = parts;
    this.#tokens = new PodTokens(parts);
  }

  async setUp(pod: AnyPod): Promise<ReadonlyMap<string, MountedVolume>> {
    const { machine, files, node, memoryDirectory, sourcesOf } = this.#parts;
    const podUid = pod.metadata?.uid ?? '';
    const folder = podFolder(node.rootDirectory, podUid);
    const memoryFolder = podFolder(memoryDirectory, podUid);
    const ready = new Map<string, MountedVolume>();
    const volumes = usedVolumes(pod);
    if (volumes.length === 0) return ready;
    await this.#openMemory();
    await machine.makeDirectory(folder.path, 0o750);
    const tokens = this.#tokens;
    const shared = { pod, files, node, machine, tokens, folder, memoryFolder };
    const sources = sourcesOf(pod);
    for (const volume of volumes) {
      const memory = this.#memoryOf(podUid, volume.name);
      ready.set(volume.name, await setUpOne({ ...shared, sources, volume, memory }));
    }
    this.#made.set(podUid, ready);
    return ready;
  }

  async tearDown(podUid: string): Promise<void> {
    const { machine } = this.#parts;
    this.#tokens.forget(podUid);
    this.#memories.delete(podUid);
    this.#made.delete(podUid);
    for (const root of this.#roots()) {
      const { path } = podFolder(root, podUid);
      for (const mount of await machine.mountsWithin(path)) await machine.unmount(mount.path);
      await machine.removeTree(path);
    }
  }

  async usage(podUid: string): Promise<readonly VolumeUsage[]> {
    const own = [...(this.#made.get(podUid) ?? [])].filter(
      ([, { kind }]) => !othersKinds.has(kind),
    );
    return Promise.all(
      own.map(async ([name, { kind, hostPath }]) => {
        const { usedBytes, inodesUsed } = await this.#parts.machine.usage(hostPath);
        return { name, kind, usedBytes, inodesUsed };
      }),
    );
  }

  async leftovers(): Promise<readonly string[]> {
    const { machine } = this.#parts;
    const lists = this.#roots().map((root) => machine.list(`${root}/pods`));
    // What has another name, this agent has not made.
    return [...new Set((await Promise.all(lists)).flat())].filter(isPathPart);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { machine, memoryDirectory } = this.#parts;
    const pods = await machine.list(`${memoryDirectory}/pods`);
    const [last] = await machine.mountsWithin(memoryDirectory);
    if (pods.length === 0 && last !== undefined) await machine.unmount(last.path);
    this.#ready = undefined;
  }

  /** Once; what an agent before this one has mounted is taken up. */
  #openMemory(): Promise<void> {
    this.#ready ??= openMemory(this.#parts).catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  #memoryOf(podUid: string, volume: string): VolumeMemory {
    const ofPod = this.#memories.get(podUid) ?? new Map<string, VolumeMemory>();
    this.#memories.set(podUid, ofPod);
    const memory = ofPod.get(volume) ?? {};
    ofPod.set(volume, memory);
    return memory;
  }

  #roots(): readonly string[] {
    const { node, memoryDirectory } = this.#parts;
    return [node.rootDirectory, memoryDirectory];
  }
}

async function openMemory({ machine, memoryDirectory, logger }: PodVolumesParts): Promise<void> {
  await machine.makeDirectory(memoryDirectory, 0o700);
  if (await machine.isInMemory(memoryDirectory)) return;
  try {
    await machine.mountMemory(memoryDirectory, { mode: 0o700 });
  } catch (cause) {
    logger.warn('secrets of pods lie on the disk: no file system in memory can be mounted', {
      directory: memoryDirectory,
      cause: String(cause),
    });
  }
}

/** Volumes that no container mounts are not made. */
function usedVolumes(pod: AnyPod): readonly Volume[] {
  const used = new Set(
    podContainers(pod).flatMap(({ spec }) => (spec.volumeMounts ?? []).map(({ name }) => name)),
  );
  return (pod.spec?.volumes ?? []).filter(({ name }) => used.has(name));
}

async function setUpOne(setUp: VolumeSetUp): Promise<MountedVolume> {
  const { volume } = setUp;
  const kind = (Object.keys(kinds) as (keyof Volume)[]).find((each) => volume[each] !== undefined);
  try {
    return await ((kind === undefined ? undefined : kinds[kind]) ?? refuseVolume)(setUp);
  } catch (cause) {
    const words = messageOf(cause);
    const name = JSON.stringify(volume.name);
    throw new PodError(`MountVolume.SetUp failed for volume ${name} : ${words}`, { cause });
  }
}
