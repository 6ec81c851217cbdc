import { equalsJson, forbidden, type ObjectDraft } from '@fairway/protocol';
import type { Pod } from '@fairway/kinds/core/v1';
import type { RuntimeClass } from '@fairway/kinds/node/v1';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import { mergeTolerations } from './merge-tolerations.ts';

/** A pod before or after it is complete. */
interface AnyPod {
  readonly metadata?: { readonly name?: string };
  readonly spec?: { readonly runtimeClassName?: string };
}

/** Source: Kubernetes admission, RuntimeClass; KEP-688 for overhead. */
export function runtimeClass(cluster: ClusterReader): AdmissionPlugin<Pod> {
  const classOf = async (pod: AnyPod): Promise<RuntimeClass | undefined> => {
    const name = pod.spec?.runtimeClassName;
    if (name === undefined) return undefined;
    const found = await cluster.find<RuntimeClass>('node.k8s.io', 'runtimeclasses', { name });
    if (found === undefined) throw rejected(pod, `RuntimeClass ${JSON.stringify(name)} not found`);
    return found;
  };
  return {
    name: 'RuntimeClass',
    operations: ['CREATE'],
    resources: ['/pods'],
    async admit({ draft }) {
      if (draft !== undefined) admitRuntimeClass(draft, await classOf(draft));
    },
    async validate({ object }) {
      if (object !== undefined) checkOverhead(object, await classOf(object));
    },
  };
}

const mismatch = "Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/**
 * Gives a new pod what its class costs beside its containers, and where it can run.
 *
 * Errors: Forbidden when the pod asks for another overhead, or for nodes that the class excludes.
 */
export function admitRuntimeClass(pod: ObjectDraft<Pod>, chosen: RuntimeClass | undefined): void {
  if (chosen === undefined) return;
  pod.spec ??= {};
  const spec = pod.spec;
  const { overhead, scheduling } = chosen;
  if (overhead) {
    const podFixed = overhead.podFixed ?? {};
    const isAsked = Object.keys(spec.overhead ?? {}).length > 0;
    if (isAsked && !equalsJson(spec.overhead ?? {}, podFixed)) throw rejected(pod, mismatch);
    spec.overhead = { ...podFixed };
  }
  if (!scheduling) return;
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value) {
      const why = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
      throw podForbidden(pod, why);
    }
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
  }
  if (!scheduling.tolerations?.length) return;
  spec.tolerations = mergeTolerations([...(spec.tolerations ?? []), ...scheduling.tolerations]);
}

/**
 * Keeps a pod to the overhead of its class, whoever has changed it meanwhile.
 *
 * Errors: Forbidden for another overhead, and for one without a class that has one.
 */
export function checkOverhead(pod: Pod, chosen: RuntimeClass | undefined): void {
  const overhead = pod.spec?.overhead;
  if (chosen?.overhead) {
    if (!equalsJson(overhead ?? {}, chosen.overhead.podFixed ?? {})) throw rejected(pod, mismatch);
  } else if (overhead !== undefined) {
    throw rejected(pod, 'Pod Overhead set without corresponding RuntimeClass defined Overhead');
  }
}

function rejected(pod: AnyPod, why: string): Error {
  return podForbidden(pod, `pod rejected: ${why}`);
}

function podForbidden(pod: AnyPod, why: string): Error {
  return forbidden({ group: '', plural: 'pods', name: pod.metadata?.name ?? '' }, why);
}
