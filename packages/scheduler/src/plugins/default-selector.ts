import {
  type LabelRequirement,
  type LabelSelector,
  type OwnerReference,
  writtenSelector,
} from '@fairway/protocol';
import { controllerOf } from '@fairway/reconcile';
import type { ClusterObjects } from '../snapshot/cluster-objects.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';

/**
 * What selects the pods that are like one: the selectors of the services that it is behind, and of what
 * controls it, together. Undefined when there are none.
 *
 * Source: Kubernetes documentation, topology spread constraints, cluster-level defaults.
 */
export function defaultSelector(
  { pod, labels, namespace }: PodFacts,
  objects: ClusterObjects,
): LabelSelector | undefined {
  const requirements = new Map<string, LabelRequirement>();
  const addEqual = (selector: Readonly<Record<string, string>>): void => {
    for (const [key, value] of Object.entries(selector)) {
      requirements.set(key, { key, operator: '=', values: [value] });
    }
  };
  for (const { spec } of objects.services.by('namespace', namespace)) {
    const selector = spec?.selector ?? {};
    if (Object.keys(selector).length > 0 && isSubset(selector, labels)) addEqual(selector);
  }
  const owner = controllerOf(pod);
  const owned = owner === undefined ? undefined : ownedSelector(owner, namespace, objects);
  if (owned?.kind === 'labels') addEqual(owned.labels);
  const all = [...requirements.values(), ...(owned?.kind === 'selector' ? owned.selector : [])];
  return all.length === 0 ? undefined : all;
}

type OwnedSelector =
  | { readonly kind: 'labels'; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: 'selector'; readonly selector: LabelSelector };

function ownedSelector(
  { apiVersion, kind, name }: OwnerReference,
  namespace: string,
  { replicationControllers, replicaSets, statefulSets }: ClusterObjects,
): OwnedSelector | undefined {
  const key = `${namespace}/${name}`;
  if (apiVersion === 'v1' && kind === 'ReplicationController') {
    const labels = replicationControllers.get(key)?.spec?.selector;
    return labels === undefined ? undefined : { kind: 'labels', labels };
  }
  if (apiVersion !== 'apps/v1') return undefined;
  const sets = kind === 'ReplicaSet' ? replicaSets : kind === 'StatefulSet' ? statefulSets : null;
  const selector = writtenSelector(sets?.get(key)?.spec?.selector);
  return selector === undefined ? undefined : { kind: 'selector', selector };
}

function isSubset(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}
