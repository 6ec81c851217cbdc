import type { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '@fairway/kinds/core/v1';
import type { ResourceClaim } from '@fairway/kinds/resource/v1';
import { giveWay } from '@fairway/host';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import { claimEvaluator } from './claim-evaluator.ts';
import { deviceClaimEvaluator } from './device-claim-evaluator.ts';
import type { Evaluator, Scope } from './evaluator.ts';
import { countedResource, objectEvaluator } from './object-evaluator.ts';
import { podEvaluator } from './pod-evaluator.ts';
import { serviceEvaluator } from './service-evaluator.ts';
import { type Usage, addAll, countedOf, none } from './usage.ts';

type AnyQuota = DeepReadonly<ResourceQuota>;

/** Whose objects count with more than their number, and are in few clusters. */
export const deviceClaimResource = 'resourceclaims.resource.k8s.io';

/** How objects count that do so with more than their number, by `plural.group`. */
const evaluators = {
  pods: podEvaluator,
  services: serviceEvaluator,
  persistentvolumeclaims: claimEvaluator,
  [deviceClaimResource]: deviceClaimEvaluator,
} as const;

/** How objects of a resource count: `pods`, `deployments.apps`. */
export function evaluatorOf(resource: string): Evaluator<unknown> {
  return Object.hasOwn(evaluators, resource)
    ? (evaluators[resource as keyof typeof evaluators] as Evaluator<unknown>)
    : objectEvaluator(resource);
}

/** What there is in a namespace, for as much of it as is asked for. */
export interface NamespaceContent {
  pods(): readonly DeepReadonly<Pod>[];
  services(): readonly DeepReadonly<Service>[];
  claims(): readonly DeepReadonly<PersistentVolumeClaim>[];
  deviceClaims(): Promise<readonly DeepReadonly<ResourceClaim>[]>;
  /** Undefined where there is no such resource. */
  count(resource: string): Promise<number | undefined>;
}

/**
 * How much is used of what a quota is over. What nobody knows how to count is left out, as in Kubernetes.
 *
 * Shape: `known` remembers what objects count with, for whoever counts the same ones again.
 * Source: Kubernetes documentation, resource quotas.
 */
export async function quotaUsage(
  { spec = {} }: AnyQuota,
  content: NamespaceContent,
  {
    nowMs,
    known: usages = new WeakMap(),
  }: { readonly nowMs: number; readonly known?: KnownUsages },
): Promise<Usage> {
  const names = Object.keys(spec.hard ?? {});
  const scopes = quotaScopes({ spec });
  const all: Usage = new Map();
  const known: string[] = [];
  const take = async <T extends KubernetesObject>(
    evaluator: Evaluator<T>,
    objects: () => readonly T[] | Promise<readonly T[]>,
  ): Promise<void> => {
    const matching = names.filter(evaluator.isOf);
    if (matching.length === 0) return;
    known.push(...matching);
    for (const object of await objects()) {
      const turn = giveWay();
      if (turn !== undefined) await turn;
      if (!isInScopes(evaluator, object, scopes)) continue;
      addAll(
        all,
        knownUsage(usages, object, () => evaluator.usage(object, nowMs)),
      );
    }
  };
  await take(podEvaluator, content.pods);
  await take(serviceEvaluator, content.services);
  await take(claimEvaluator, content.claims);
  await take(deviceClaimEvaluator, content.deviceClaims);
  for (const [name, resource] of objectCounts(names)) {
    const count = await content.count(resource);
    if (count === undefined) continue;
    known.push(name);
    all.set(name, countedOf(scopes.length > 0 ? 0 : count));
  }
  return new Map(known.toSorted().map((name) => [name, all.get(name) ?? none]));
}

/** What objects count with, which never change. */
export type KnownUsages = WeakMap<object, Usage>;

function knownUsage(known: KnownUsages, object: KubernetesObject, count: () => Usage): Usage {
  // What is going away counts until its time is over.
  if (object.metadata?.deletionTimestamp !== undefined) return count();
  const found = known.get(object);
  if (found !== undefined) return found;
  const usage = count();
  known.set(object, usage);
  return usage;
}

/** Of which resources the objects are to be followed for a quota over `names`, beside those of every quota. */
export function followedResources(names: readonly string[]): readonly string[] {
  const counted = objectCounts(names).map(([, resource]) => resource);
  return names.some(deviceClaimEvaluator.isOf) ? [...counted, deviceClaimResource] : counted;
}

/** Which names are over numbers of objects, and of which resource each. */
function objectCounts(
  names: readonly string[],
): readonly (readonly [name: string, resource: string])[] {
  return names.flatMap((name) => {
    if (Object.values(evaluators).some(({ isOf }) => isOf(name))) return [];
    const resource = countedResource(name);
    return resource === undefined ? [] : [[name, resource] as const];
  });
}

/** Whether all scopes of a quota are those of an object. */
export function isInScopes<T>(
  { isInScope }: Pick<Evaluator<T>, 'isInScope'>,
  object: T,
  scopes: readonly Scope[],
): boolean {
  return scopes.every((scope) => isInScope?.(object, scope) === true);
}

/** What a quota says of scopes, in either way. */
export function quotaScopes({ spec }: Pick<AnyQuota, 'spec'>): readonly Scope[] {
  return [
    ...(spec?.scopes ?? []).map((scopeName): Scope => ({ scopeName, operator: 'Exists' })),
    ...(spec?.scopeSelector?.matchExpressions ?? []),
  ];
}
