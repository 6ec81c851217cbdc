import type { PodAffinityTerm, PodSpec } from '@fairway/kinds/core/v1';
import {
  type DeepReadonly,
  type LabelSelector,
  matchesLabelSelector,
  writtenSelector,
} from '@fairway/protocol';

type Labels = Readonly<Record<string, string>>;

/** A term of a pod's affinity to other pods, or of its anti-affinity. */
export interface AffinityTerm {
  readonly topologyKey: string;
  /** The same for all terms that ask the same. */
  readonly key: string;
  /** What the pods have that are meant; undefined selects none. */
  readonly selector: LabelSelector | undefined;
  /** Where they are, beside what the next one selects. */
  readonly namespaces: ReadonlySet<string>;
  readonly namespaceSelector: LabelSelector | undefined;
  /** From 1 to 100 for a wish; 0 for a term that must hold. */
  readonly weight: number;
}

/** All terms of a pod. */
export interface AffinityTerms {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly AffinityTerm[];
  readonly preferredAnti: readonly AffinityTerm[];
}

/** Asks for the labels of a namespace. */
export type NamespaceLabels = (namespace: string) => Labels | undefined;

/** Whether a term means a pod. */
export function termMatches(
  term: AffinityTerm,
  pod: { readonly namespace: string; readonly labels: Labels },
  labelsOf: NamespaceLabels,
): boolean {
  const { selector, namespaceSelector } = term;
  if (selector === undefined) return false;
  if (!term.namespaces.has(pod.namespace)) {
    if (namespaceSelector === undefined) return false;
    if (!matchesLabelSelector(namespaceSelector, labelsOf(pod.namespace))) return false;
  }
  return matchesLabelSelector(selector, pod.labels);
}

/** The terms of a pod; undefined when it has none, as most. */
export function affinityTerms(
  { affinity }: DeepReadonly<Pick<PodSpec, 'affinity'>>,
  namespace: string,
): AffinityTerms | undefined {
  if (affinity?.podAffinity === undefined && affinity?.podAntiAffinity === undefined) {
    return undefined;
  }
  const { podAffinity = {}, podAntiAffinity = {} } = affinity;
  const required = (of: typeof podAffinity): AffinityTerm[] =>
    (of.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) =>
      affinityTerm(term, namespace, 0),
    );
  const preferred = (of: typeof podAffinity): AffinityTerm[] =>
    (of.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm, weight }) =>
      affinityTerm(podAffinityTerm, namespace, weight),
    );
  return {
    required: required(podAffinity),
    requiredAnti: required(podAntiAffinity),
    preferred: preferred(podAffinity),
    preferredAnti: preferred(podAntiAffinity),
  };
}

function affinityTerm(
  term: DeepReadonly<PodAffinityTerm>,
  namespace: string,
  weight: number,
): AffinityTerm {
  const { topologyKey, labelSelector, namespaceSelector } = term;
  const named = term.namespaces ?? [];
  // Without either, the pod's own namespace is meant.
  const isOwn = named.length === 0 && namespaceSelector === undefined;
  const namespaces = isOwn ? [namespace] : [...named].sort();
  return {
    topologyKey,
    key: JSON.stringify([topologyKey, namespaces, namespaceSelector, labelSelector]),
    selector: writtenSelector(labelSelector),
    namespaces: new Set(namespaces),
    namespaceSelector: writtenSelector(namespaceSelector),
    weight,
  };
}
