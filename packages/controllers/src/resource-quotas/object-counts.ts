import type { Client, DiscoveredResource } from '@fairway/client';
import type { Logger } from '@fairway/host';
import { deviceClaimResource } from '@fairway/kind-rules/quotas';
import type { ResourceClaim } from '@fairway/kinds/resource/v1';
import { type DeepReadonly, type KubernetesObject, groupResourceOf } from '@fairway/protocol';
import { type Informer, createInformer } from '@fairway/reconcile';
import type { ServedResources } from '../served-resources.ts';

interface Followed {
  readonly informer: Informer<KubernetesObject>;
  readonly stop: () => void;
}

const namespaceIndex = 'namespace';

/**
 * Counts objects of any resource in namespaces. Only those that a quota names are followed, and of them only the
 * metadata is kept, but for claims of devices.
 */
export class ObjectCounts {
  readonly #client: Client;
  readonly #logger: Logger;
  readonly #resources: ServedResources;
  readonly #onChange: (namespace: string) => void;
  readonly #signal: AbortSignal;
  readonly #followed = new Map<string, Followed>();

  /** `onChange` is told of the namespaces where something came or went. */
  constructor(parts: {
    readonly client: Client;
    readonly resources: ServedResources;
    readonly logger: Logger;
    readonly onChange: (namespace: string) => void;
    readonly signal: AbortSignal;
  }) {
    this.#client = parts.client;
    this.#logger = parts.logger;
    this.#onChange = parts.onChange;
    this.#signal = parts.signal;
    this.#resources = parts.resources;
  }

  /** How many there are; undefined where there is no such resource: `deployments.apps`. */
  async count(resource: string, namespace: string): Promise<number | undefined> {
    return (await this.#objects(resource, namespace))?.length;
  }

  async deviceClaims(namespace: string): Promise<readonly DeepReadonly<ResourceClaim>[]> {
    const claims = await this.#objects(deviceClaimResource, namespace);
    return (claims ?? []) as readonly DeepReadonly<ResourceClaim>[];
  }

  async #objects(
    resource: string,
    namespace: string,
  ): Promise<readonly DeepReadonly<KubernetesObject>[] | undefined> {
    const informer = await this.#informerOf(resource);
    await informer?.synced;
    return informer?.by(namespaceIndex, namespace);
  }

  /** Follows no other resources than these any more. */
  keepOnly(resources: ReadonlySet<string>): void {
    for (const [resource, { stop }] of this.#followed) {
      if (resources.has(resource)) continue;
      this.#followed.delete(resource);
      stop();
    }
  }

  async #informerOf(resource: string): Promise<Informer<KubernetesObject> | undefined> {
    const known = this.#followed.get(resource);
    if (known !== undefined) return known.informer;
    await this.#resources.known();
    const kind = this.#find(resource);
    if (kind === undefined) return undefined;
    return (this.#followed.get(resource) ?? this.#follow(resource, kind)).informer;
  }

  #find(resource: string): DiscoveredResource | undefined {
    return this.#resources.preferred.find(
      (each) =>
        groupResourceOf(each) === resource && each.isNamespaced && each.verbs.includes('watch'),
    );
  }

  #follow(resource: string, kind: DiscoveredResource): Followed {
    const stopping = new AbortController();
    const signal = AbortSignal.any([this.#signal, stopping.signal]);
    const informer = createInformer(this.#client, kind, {
      allNamespaces: true,
      ...(resource === deviceClaimResource ? {} : { as: 'metadata' }),
      signal,
      logger: this.#logger,
      index: { [namespaceIndex]: ({ metadata }) => metadata?.namespace ?? '' },
    });
    // It ends with its signal, and whoever waits for it is told then.
    informer.synced.catch(() => {});
    informer.ended.catch((error: unknown) => {
      this.#logger.warn('objects cannot be counted', { resource, error });
    });
    informer.subscribe(({ type, object }) => {
      if (type !== 'updated' || resource === deviceClaimResource)
        this.#onChange(object.metadata?.namespace ?? '');
    });
    const followed = { informer, stop: () => stopping.abort() };
    this.#followed.set(resource, followed);
    return followed;
  }
}
