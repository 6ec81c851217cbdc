import type { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { claimUsage, isClaimInScope, isOfClaims } from './claim-usage.ts';
import { countedResource } from './counted-objects.ts';
import { type Scope, isInScope, isOfPods, podUsage } from './pod-usage.ts';
import { isOfServices, serviceUsage } from './service-usage.ts';
import { type Usage, addAll, countedOf, none } from './usage.ts';

type AnyQuota = DeepReadonly<ResourceQuota>;

/** What there is in a namespace, for as much of it as is asked for. */
export interface NamespaceContent {
  pods(): readonly DeepReadonly<Pod>[];
  services(): readonly DeepReadonly<Service>[];
  claims(): readonly DeepReadonly<PersistentVolumeClaim>[];
  /** Undefined where there is no such resource. */
  count(resource: string): Promise<number | undefined>;
}

/**
 * How much is used of what a quota is over. What nobody knows how to count is left out, as in Kubernetes.
 *
 * Source: Kubernetes documentation, resource quotas.
 */
export async function quotaUsage(
  { spec = {} }: AnyQuota,
  content: NamespaceContent,
  nowMs: number,
): Promise<Usage> {
  const names = Object.keys(spec.hard ?? {});
  const scopes = scopesOf(spec);
  const all: Usage = new Map();
  const known: string[] = [];
  const take = (isOf: (name: string) => boolean, usages: () => Iterable<Usage>): void => {
    const matching = names.filter(isOf);
    if (matching.length === 0) return;
    known.push(...matching);
    for (const usage of usages()) addAll(all, usage);
  };
  take(isOfPods, () =>
    content
      .pods()
      .filter((pod) => scopes.every((scope) => isInScope(pod, scope)))
      .map((pod) => podUsage(pod, nowMs)),
  );
  // Only pods and claims have scopes: with one, nothing else counts.
  take(isOfServices, () => (scopes.length > 0 ? [] : content.services().map(serviceUsage)));
  take(isOfClaims, () =>
    content
      .claims()
      .filter((claim) => scopes.every((scope) => isClaimInScope(claim, scope)))
      .map(claimUsage),
  );
  for (const [name, resource] of objectCounts(names)) {
    const count = await content.count(resource);
    if (count === undefined) continue;
    known.push(name);
    all.set(name, countedOf(scopes.length > 0 ? 0 : count));
  }
  return new Map(known.toSorted().map((name) => [name, all.get(name) ?? none]));
}

/** Which names are over numbers of objects, and of which resource each. */
export function objectCounts(
  names: readonly string[],
): readonly (readonly [name: string, resource: string])[] {
  return names.flatMap((name) => {
    if (isOfPods(name) || isOfServices(name) || isOfClaims(name)) return [];
    const resource = countedResource(name);
    return resource === undefined ? [] : [[name, resource] as const];
  });
}

function scopesOf({ scopes = [], scopeSelector }: NonNullable<AnyQuota['spec']>): readonly Scope[] {
  return [
    ...scopes.map((scopeName): Scope => ({ scopeName, operator: 'Exists' })),
    ...(scopeSelector?.matchExpressions ?? []),
  ];
}
