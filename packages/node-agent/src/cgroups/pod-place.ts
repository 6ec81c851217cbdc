import { type QosClass, qosClassOf } from '@fairway/kind-rules/pods';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';

export function qosClass({ spec, status }: AnyPod): QosClass {
  return (status?.qosClass as QosClass | undefined) ?? qosClassOf(spec ?? {});
}

/** Around the pods of a class. Source: kubelet, cgroups per QoS. */
export function qosCgroup(root: string, quality: QosClass): string {
  return quality === 'Guaranteed' ? root : `${root}/${quality.toLowerCase()}`;
}

/**
 * The cgroup of a pod: what may be taken away from first stands apart from what asked for its share.
 * Source: Kubernetes documentation, "Pod Quality of Service Classes".
 */
export function podCgroup(root: string, pod: AnyPod): string {
  return `${qosCgroup(root, qosClass(pod))}/pod${pod.metadata?.uid ?? ''}`;
}
