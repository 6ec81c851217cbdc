import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { PodIdentity } from '../runtime/sandbox.ts';

export function podIdentity({ metadata }: AnyPod): PodIdentity {
  const { name = '', namespace = '', uid = '' } = metadata ?? {};
  return { name, namespace, uid };
}

/** How messages of a kubelet call a pod: `web-0_shop(UID)`. */
export function podTitle(pod: AnyPod): string {
  const { name, namespace, uid } = podIdentity(pod);
  return `${name}_${namespace}(${uid})`;
}
