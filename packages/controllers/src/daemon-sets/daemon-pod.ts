import { DaemonSet } from '@fairway/kinds/apps/v1';
import type { Affinity, Pod, PodSpec, Toleration } from '@fairway/kinds/core/v1';
import { type DeepReadonly, annotationsOf, labelsOf } from '@fairway/protocol';
import { podFromTemplate } from '../pods/pod-from-template.ts';

export type AnySet = DeepReadonly<DaemonSet>;
export type AnyPod = DeepReadonly<Pod>;

/** The label of pods and revisions that has the hash of their template. */
export const hashLabel = 'controller-revision-hash';
/** Counts the changes of a set's template, and which of them a pod is made from. */
const generationLabel = 'pod-template-generation';
const generationAnnotation = 'deprecated.daemonset.template.generation';

/** Taints of a node that does badly, which daemons are there to see through. */
const usualTolerations: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
/** The network of a node may be what a daemon brings up. */
const networkToleration: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/**
 * What the pods of a set tolerate.
 *
 * Source: kubernetes.io, DaemonSet, "Taints and tolerations".
 */
export function daemonTolerations(
  spec: DeepReadonly<PodSpec> | undefined,
): readonly DeepReadonly<Toleration>[] {
  const added =
    spec?.hostNetwork === true ? [...usualTolerations, networkToleration] : usualTolerations;
  const own = (spec?.tolerations ?? []).map(
    (toleration) => added.find((each) => isSame(each, toleration)) ?? toleration,
  );
  return [...own, ...added.filter((each) => !own.includes(each))];
}

/** The pod of a set for a node. The scheduler binds it: it may be on that node only. */
export function newDaemonPod(set: AnySet, nodeName: string, hash: string): AnyPod {
  const pod = podFromTemplate(DaemonSet, set, set.spec?.template);
  const generation = templateGenerationOf(set);
  const counted = generation === undefined ? {} : { [generationLabel]: generation };
  return {
    metadata: {
      ...pod.metadata,
      labels: { ...pod.metadata?.labels, ...counted, [hashLabel]: hash },
    },
    spec: {
      containers: [],
      ...pod.spec,
      affinity: onNode(pod.spec?.affinity, nodeName),
      tolerations: daemonTolerations(pod.spec),
    },
  };
}

/** The node that a pod is on, or is meant for; undefined for one that no daemon set has made. */
export function nodeNameOf({ spec }: AnyPod): string | undefined {
  if ((spec?.nodeName ?? '') !== '') return spec?.nodeName;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields } of required?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values = [] } of matchFields ?? []) {
      if (key === 'metadata.name' && operator === 'In' && values.length === 1) return values[0];
    }
  }
  return undefined;
}

/** A pod is as its set wants it by its hash, or by its count where another program named the revision. */
export function isOfTemplate(set: AnySet, pod: AnyPod, hash: string): boolean {
  const labels = labelsOf(pod);
  const generation = templateGenerationOf(set);
  return (
    labels[hashLabel] === hash ||
    (generation !== undefined && labels[generationLabel] === generation)
  );
}

function templateGenerationOf(set: AnySet): string | undefined {
  const generation = annotationsOf(set)[generationAnnotation];
  return generation !== undefined && /^-?[0-9]+$/.test(generation) ? generation : undefined;
}

/** What a template prefers of its node stays; where its pods may be, the controller has looked at. */
function onNode(
  affinity: DeepReadonly<Affinity> | undefined,
  nodeName: string,
): DeepReadonly<Affinity> {
  const named = { key: 'metadata.name', operator: 'In' as const, values: [nodeName] };
  const nodeSelectorTerms = [{ matchFields: [named] }];
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
    },
  };
}

/** Apart from how long it holds. */
function isSame(one: Toleration, other: DeepReadonly<Toleration>): boolean {
  return (
    one.key === other.key &&
    one.operator === other.operator &&
    one.effect === other.effect &&
    (one.value ?? '') === (other.value ?? '')
  );
}
