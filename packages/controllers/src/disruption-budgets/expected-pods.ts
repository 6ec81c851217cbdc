import { type Client, type DiscoveredResource, isNotFound } from '@fairway/client';
import { Deployment, ReplicaSet, StatefulSet } from '@fairway/kinds/apps/v1';
import { type Pod, ReplicationController } from '@fairway/kinds/core/v1';
import type { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import {
  type DeepReadonly,
  type KubernetesObject,
  type OwnerReference,
  type ResourceDescriptor,
  groupResourceOf,
} from '@fairway/protocol';
import { type Informer, controllerOf, formatKey, refersTo } from '@fairway/reconcile';
import { sharedInformer } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { countOf } from '../pods/count-of.ts';
import type { ServedResources } from '../served-resources.ts';

/** How many pods there are to be, and to be ready. */
export interface Expectation {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
  /** Pods that nobody controls: of how many they are a part is not known. */
  readonly unmanaged: readonly DeepReadonly<Pod>[];
}

interface Scaled extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
}

interface OwnerScale {
  readonly uid: string;
  readonly replicas: number;
}

/** Knows how many pods the owners of pods want. */
export class ExpectedPods {
  readonly #client: Client;
  readonly #resources: ServedResources;
  readonly #sets: Informer<ReplicaSet>;
  readonly #owners: readonly (readonly [ResourceDescriptor, Informer<Scaled>])[];
  readonly #deployments: Informer<Deployment>;

  constructor({ client, informers, resources }: ControllerParts) {
    this.#client = client;
    this.#resources = resources;
    this.#sets = sharedInformer(informers, ReplicaSet);
    this.#deployments = sharedInformer(informers, Deployment);
    this.#owners = [ReplicaSet, StatefulSet, ReplicationController].map((kind) => [
      kind as ResourceDescriptor,
      sharedInformer<Scaled>(informers, kind as ResourceDescriptor<Scaled>),
    ]);
  }

  /**
   * What a budget demands of its pods. A share is one of all pods that their owners want.
   *
   * Errors: of a pod whose owner does not tell how many it wants.
   */
  async of(
    { spec = {} }: DeepReadonly<PodDisruptionBudget>,
    pods: readonly DeepReadonly<Pod>[],
    signal: AbortSignal,
  ): Promise<Expectation> {
    const { minAvailable = 0, maxUnavailable } = spec;
    if (maxUnavailable === undefined && typeof minAvailable === 'number') {
      const expectedPods = spec.minAvailable === undefined ? 0 : pods.length;
      return { expectedPods, desiredHealthy: minAvailable, unmanaged: [] };
    }
    const { total, unmanaged } = await this.#scaleOf(pods, signal);
    const count = (amount: number | string): number => {
      const counted = countOf(amount, { total, rounding: 'up' });
      if (counted === undefined) throw new Error(`${amount} is neither a number nor a percentage`);
      return counted;
    };
    const desiredHealthy =
      maxUnavailable === undefined
        ? count(minAvailable)
        : Math.max(0, total - count(maxUnavailable));
    return { expectedPods: total, desiredHealthy, unmanaged };
  }

  async #scaleOf(
    pods: readonly DeepReadonly<Pod>[],
    signal: AbortSignal,
  ): Promise<{ readonly total: number; readonly unmanaged: readonly DeepReadonly<Pod>[] }> {
    const unmanaged: DeepReadonly<Pod>[] = [];
    const asked = new Set<string>();
    const scales = new Map<string, number>();
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (owner === undefined) unmanaged.push(pod);
      if (owner === undefined || asked.has(owner.uid)) continue;
      asked.add(owner.uid);
      const namespace = pod.metadata?.namespace ?? '';
      const scale = this.#known(owner, namespace) ?? (await this.#ask(owner, namespace, signal));
      if (scale === undefined)
        throw new Error(`found no controllers for pod "${pod.metadata?.name}"`);
      scales.set(scale.uid, scale.replicas);
    }
    const total = [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
    return { total, unmanaged };
  }

  #known(owner: OwnerReference, namespace: string): OwnerScale | undefined {
    const [, informer] = this.#owners.find(([kind]) => refersTo(owner, kind)) ?? [];
    const held = informer?.get(formatKey({ namespace, name: owner.name }));
    if (held === undefined || held.metadata?.uid !== owner.uid) return undefined;
    const deployment = controllerOf(held);
    if (informer !== (this.#sets as Informer<Scaled>) || deployment === undefined) {
      return scaleOf(held);
    }
    // What a Deployment wants is spread over several replica sets.
    if (!refersTo(deployment, Deployment)) return scaleOf(held);
    const found = this.#deployments.get(formatKey({ namespace, name: deployment.name }));
    return found?.metadata?.uid === deployment.uid ? scaleOf(found) : undefined;
  }

  /** Any other owner has to have a scale. Undefined where it is gone. */
  async #ask(
    owner: OwnerReference,
    namespace: string,
    signal: AbortSignal,
  ): Promise<OwnerScale | undefined> {
    const kind = await this.#scalable(owner);
    try {
      const part = this.#client.subresource<Scaled>(kind, owner.name, 'scale', { namespace });
      const scale = await part.get({ signal });
      return scale.metadata?.uid === owner.uid ? scaleOf(scale) : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #scalable(owner: OwnerReference): Promise<DiscoveredResource> {
    await this.#resources.known();
    const kind = this.#resources.find(owner);
    if (kind === undefined) {
      throw new Error(`no matches for kind "${owner.kind}" in version "${owner.apiVersion}"`);
    }
    if (isScalable(kind)) return kind;
    throw new Error(`${groupResourceOf(kind)} does not implement the scale subresource`);
  }
}

function isScalable({ subresources }: DiscoveredResource): boolean {
  return subresources.includes('scale');
}

function scaleOf({ metadata, spec }: DeepReadonly<Scaled>): OwnerScale {
  return { uid: metadata?.uid ?? '', replicas: spec?.replicas ?? 0 };
}
