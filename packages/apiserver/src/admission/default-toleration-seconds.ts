import type { Pod, Toleration } from '@fairway/kinds/core/v1';

import type { Draft, ObjectDraft } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';

const graceSeconds = 300;
const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Source: Kubernetes admission, DefaultTolerationSeconds. */
export const defaultTolerationSeconds: AdmissionPlugin<Pod> = {
  name: 'DefaultTolerationSeconds',
  operations: ['CREATE', 'UPDATE'],
  resources: ['/pods'],
  async admit({ draft }) {
    if (draft !== undefined) admitDefaultTolerations(draft);
  },
};

/** Lets a pod stay five minutes on a node that is not ready or not reachable. */
export function admitDefaultTolerations(pod: ObjectDraft<Pod>): void {
  pod.spec ??= {};
  const given = pod.spec.tolerations ?? [];
  const added = taints
    .filter((key) => !given.some((toleration) => tolerates(toleration, key)))
    .map((key): Toleration => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: graceSeconds,
    }));
  if (added.length > 0) pod.spec.tolerations = [...given, ...added];
}

function tolerates(toleration: Draft<Toleration>, key: string): boolean {
  const isForKey = !toleration.key || toleration.key === key;
  return isForKey && (!toleration.effect || toleration.effect === 'NoExecute');
}
