import { type Client, requestToken } from '@fairway/client';
import { type Clock, type Logger, sleep } from '@fairway/host';
import {
  ConfigMap,
  PersistentVolume,
  PersistentVolumeClaim,
  Secret,
  Service,
} from '@fairway/kinds/core/v1';
import { RuntimeClass } from '@fairway/kinds/node/v1';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { type Informer, type Informers, createInformer } from '@fairway/reconcile';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { PodError } from './pod-sources.ts';
import type { VolumeSources } from './volume-sources.ts';

export interface SourceFollower {
  /** Acts as the node. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What the pods of a node refer to, kept as the API has it. */
export interface FollowedSources {
  /** For one pod: what it asks for once is followed from then on. */
  of(pod: AnyPod): VolumeSources;
  /**
   * What runs the pod in the runtime, by its runtime class; undefined: what runs those without one.
   * Errors: `PodError` when there is no such class.
   */
  runtimeHandler(pod: AnyPod): Promise<string | undefined>;
  /** Lets go of what only this pod refers to. */
  release(podUid: string): void;
  /** Calls back when something has changed to which a pod refers. */
  onChange(listener: (podUid: string) => void): Disposable;
}

/** For so long a pod waits for the first answer; it comes back later. */
const waitMs = 10_000;

const byNamespace = 'namespace';

/**
 * Follows the config maps and secrets to which pods refer, each by its name: that is all a node may see of
 * them. One that is immutable is read once. Services are followed all together.
 *
 * Source: kubelet, WatchChangeDetectionStrategy; the Node authorizer.
 */
export function followSources(follower: SourceFollower): FollowedSources {
  const { client, informers } = follower;
  const listeners = new Set<(podUid: string) => void>();
  const tell = (podUid: string): void => listeners.forEach((listener) => listener(podUid));
  const configMaps = new FollowedObjects(ConfigMap, 'configmap', { ...follower, tell });
  const secrets = new FollowedObjects(Secret, 'secret', { ...follower, tell });
  const services = informers.of(Service, {
    allNamespaces: true,
    index: { [byNamespace]: ({ metadata }) => [metadata?.namespace ?? ''] },
  });
  return {
    of(pod) {
      const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
      const account = pod.spec?.serviceAccountName ?? 'default';
      return {
        configMap: (of) => configMaps.get({ namespace, name: of }, uid),
        secret: (of) => secrets.get({ namespace, name: of }, uid),
        async services() {
          await services.synced;
          const api = services.get('default/kubernetes');
          const own = services.by(byNamespace, namespace);
          return api === undefined || own.includes(api) ? own : [api, ...own];
        },
        claim: (of) => client.find(PersistentVolumeClaim, of, { namespace }),
        persistentVolume: (of) => client.find(PersistentVolume, of),
        token: ({ audience, expirationSeconds }) =>
          requestToken(client, account, {
            namespace,
            expirationSeconds,
            ...(audience === undefined ? {} : { audiences: [audience] }),
            boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
          }),
      };
    },
    async runtimeHandler({ spec }) {
      const name = spec?.runtimeClassName ?? '';
      if (name === '') return undefined;
      const classes = informers.of(RuntimeClass);
      await classes.synced;
      const found = classes.get(name);
      if (found !== undefined) return found.handler === '' ? undefined : found.handler;
      const words = `runtimeclass.node.k8s.io ${JSON.stringify(name)} not found`;
      throw new PodError(`failed to get sandbox runtime: ${words}`);
    },
    release(podUid) {
      configMaps.release(podUid);
      secrets.release(podUid);
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}

interface Following extends SourceFollower {
  readonly tell: (podUid: string) => void;
}

interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

interface FollowedObject<T extends KubernetesObject> {
  readonly informer: Informer<T>;
  readonly podUids: Set<string>;
  stop(): void;
}

/** Objects of a kind, each followed while a pod refers to it. */
class FollowedObjects<T extends KubernetesObject & { readonly immutable?: boolean }> {
  readonly #kind: ResourceDescriptor<T>;
  readonly #word: string;
  readonly #following: Following;
  readonly #objects = new Map<string, FollowedObject<T>>();

  constructor(kind: ResourceDescriptor<T>, word: string, following: Following) {
    this.#kind = kind;
    this.#word = word;
    this.#following = following;
  }

  async get(name: ObjectName, podUid: string): Promise<T | undefined> {
    const key = `${name.namespace}/${name.name}`;
    const followed = this.#objects.get(key) ?? this.#follow(key, name);
    followed.podUids.add(podUid);
    await this.#untilSynced(followed.informer);
    return followed.informer.get(key) as T | undefined;
  }

  release(podUid: string): void {
    for (const [key, { podUids, stop }] of this.#objects) {
      if (!podUids.delete(podUid) || podUids.size > 0) continue;
      this.#objects.delete(key);
      stop();
    }
  }

  #follow(key: string, { namespace, name }: ObjectName): FollowedObject<T> {
    const { client, logger, signal, tell } = this.#following;
    const stopping = new AbortController();
    const informer = createInformer<T>(client, this.#kind, {
      namespace,
      fieldSelector: { 'metadata.name': name },
      logger,
      signal: AbortSignal.any([signal, stopping.signal]),
    }) as Informer<T>;
    // It ends when nobody asks any more.
    informer.ended.catch(() => {});
    const podUids = new Set<string>();
    const followed = { informer, podUids, stop: () => stopping.abort() };
    informer.subscribe(() => {
      if (informer.get(key)?.immutable === true) void informer.synced.then(followed.stop, () => {});
      if (informer.isSynced) podUids.forEach(tell);
    });
    this.#objects.set(key, followed);
    return followed;
  }

  /** Errors: `PodError` when the API does not answer in time, as when the node may not see it yet. */
  async #untilSynced(informer: Informer<T>): Promise<void> {
    if (informer.isSynced) return;
    const { clock } = this.#following;
    const waited = new AbortController();
    const tooLong = sleep(clock, waitMs, waited.signal).then(() => {
      throw new PodError(`failed to sync ${this.#word} cache: timed out waiting for the condition`);
    });
    tooLong.catch(() => {});
    try {
      await Promise.race([informer.synced, tooLong]);
    } finally {
      waited.abort();
    }
  }
}
