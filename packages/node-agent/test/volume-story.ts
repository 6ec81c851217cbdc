import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GivenToken } from '@fairway/client';
import type { LogFields } from '@fairway/host';
import { nodejsMachineFiles as machine } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import { ManualClock } from '@fairway/host/testing';
import type {
  ConfigMap,
  Container,
  PersistentVolume,
  PersistentVolumeClaim,
  PodSpec,
  Secret,
  Volume,
} from '@fairway/kinds/core/v1';
import type { AnyPod } from '../src/pod-lifecycle/pod-containers.ts';
import type { MountedVolume } from '../src/volumes/mounted-volume.ts';
import { type PodVolumes, podVolumes } from '../src/volumes/pod-volumes.ts';
import type { PodTokenWish } from '../src/sources/volume-sources.ts';
import { exampleNode } from './example-node.ts';

/** Volumes of pods in a folder of their own, with what the API would say of what they refer to. */
export interface VolumeStory extends AsyncDisposable {
  readonly directory: string;
  /** Where the agent keeps what pods have. */
  readonly root: string;
  readonly memoryDirectory: string;
  readonly clock: ManualClock;
  readonly configMaps: Map<string, ConfigMap>;
  readonly secrets: Map<string, Secret>;
  readonly claims: Map<string, PersistentVolumeClaim>;
  readonly persistentVolumes: Map<string, PersistentVolume>;
  /** What was asked for, and what is answered: the next token, or an error. */
  readonly wishes: PodTokenWish[];
  tokens: (GivenToken | Error)[];
  readonly warnings: LogFields[];
  volumes: PodVolumes;
  /** Another agent in the same folders, as after `kill -9`. */
  restart(): void;
  /** Makes the volume of a pod ready that has this one. */
  setUp(volume: Omit<Volume, 'name'>, how?: PodParts): Promise<MountedVolume>;
}

export interface PodParts {
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Partial<PodSpec>;
  readonly container?: Partial<Container>;
  readonly volumeName?: string;
}

export async function openVolumeStory(): Promise<VolumeStory> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-volumes-'));
  const memoryDirectory = join(directory, 'memory');
  const root = join(directory, 'root');
  const begin = (): PodVolumes =>
    podVolumes({
      machine,
      files: nodejsHost().files,
      clock: story.clock,
      logger: { debug() {}, info() {}, error: warn, warn },
      node: { ...exampleNode, rootDirectory: root },
      memoryDirectory,
      sourcesOf: () => ({
        configMap: async (name) => story.configMaps.get(name),
        secret: async (name) => story.secrets.get(name),
        services: async () => [],
        claim: async (name) => story.claims.get(name),
        persistentVolume: async (name) => story.persistentVolumes.get(name),
        async token(wish) {
          story.wishes.push(wish);
          const answer = story.tokens.shift() ?? new Error('nobody asked for this');
          if (answer instanceof Error) throw answer;
          return answer;
        },
      }),
    });
  const warn = (message: string, fields?: LogFields): void =>
    void story.warnings.push({ message, ...fields });
  const story: Omit<VolumeStory, 'volumes' | keyof AsyncDisposable> & { volumes?: PodVolumes } = {
    directory,
    root,
    memoryDirectory,
    clock: new ManualClock(),
    configMaps: new Map(),
    secrets: new Map(),
    claims: new Map(),
    persistentVolumes: new Map(),
    wishes: [],
    tokens: [],
    warnings: [],
    restart: () => void (story.volumes = begin()),
    async setUp(volume, parts = {}) {
      const name = parts.volumeName ?? 'v';
      const pod = podOf({ name, ...volume }, parts);
      const found = (await story.volumes?.setUp(pod))?.get(name);
      if (found === undefined) throw new Error(`no volume ${name} was made`);
      return found;
    },
  };
  story.restart();
  return Object.assign(story as VolumeStory, {
    async [Symbol.asyncDispose]() {
      for (const { path } of await machine.mountsWithin(directory)) await machine.unmount(path);
      await rm(directory, { recursive: true });
    },
  });
}

function podOf(volume: Volume, { uid = 'u1', labels = {}, spec, container }: PodParts): AnyPod {
  const volumeMounts = [{ name: volume.name, mountPath: '/v' }];
  return {
    metadata: { name: 'web-0', namespace: 'shop', uid, labels },
    spec: {
      containers: [{ name: 'main', image: 'web', volumeMounts, ...container }],
      volumes: [volume],
      ...spec,
    },
  };
}
