import { type QosClass, qosClassOf } from '@fairway/kind-rules/pods';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';

export function qosClass({ spec, status }: AnyPod): QosClass {
  return (status?.qosClass as QosClass | undefined) ?? qosClassOf(spec ?? {});
}

/**
 * The cgroup of a pod: what may be taken away from first stands apart from what asked for its share.
 * Source: Kubernetes documentation, "Pod Quality of Service Classes".
 */
export function podCgroup(root: string, pod: AnyPod): string {
  const uid = pod.metadata?.uid ?? '';
  const name = qosClass(pod);
  return name === 'Guaranteed' ? `${root}/pod${uid}` : `${root}/${name.toLowerCase()}/pod${uid}`;
}
