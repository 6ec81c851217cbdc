import type { Taint, Toleration } from '@fairway/kinds/core/v1';
import { tolerates } from '@fairway/kind-rules/pods';
import type { DeepReadonly } from '@fairway/protocol';

/**
 * How long a pod may stay where these taints are: 0 when one is not tolerated, Infinity when all are for ever.
 * Of the tolerations for one taint the first counts.
 */
export function stayMs(
  taints: readonly DeepReadonly<Taint>[],
  tolerations: readonly DeepReadonly<Toleration>[],
): number {
  let ms = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const toleration = tolerations.find((each) => tolerates(each, taint));
    if (toleration === undefined) return 0;
    const { tolerationSeconds } = toleration;
    if (tolerationSeconds !== undefined) ms = Math.min(ms, Math.max(0, tolerationSeconds) * 1_000);
  }
  return ms;
}
