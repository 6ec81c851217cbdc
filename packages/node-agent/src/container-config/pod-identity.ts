import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { PodIdentity } from '../runtime/sandbox.ts';

export function podIdentity({ metadata }: AnyPod): PodIdentity {
  const { name = '', namespace = '', uid = '' } = metadata ?? {};
  return { name, namespace, uid };
}
