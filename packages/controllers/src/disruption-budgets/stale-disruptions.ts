import { Pod } from '@fairway/kinds/core/v1';
import { isPodActive, podCondition, withPodCondition } from '@fairway/kind-rules/pods';
import { type DeepReadonly, formatTime, parseTime } from '@fairway/protocol';
import { type Controller, requeueAfter } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { writeStatus } from '../write-status.ts';

/** A pod that is to go and is not being deleted after this long stays. */
const staleAfterMs = 120_000;

/** Takes back from pods that they are about to go, when nothing came of it. */
export function staleDisruptions(parts: ControllerParts): Controller {
  const { client } = parts;
  return sharedController(parts, Pod, {
    filter: ({ object }) => targetedAtMs(object) !== undefined,
    async reconcile(request) {
      const { object: pod } = request;
      const sinceMs = pod && targetedAtMs(pod);
      if (pod === undefined || sinceMs === undefined) return undefined;
      const nowMs = client.clock.now();
      const leftMs = sinceMs + staleAfterMs - nowMs;
      if (leftMs > 0) return requeueAfter(leftMs);
      const condition = { type: 'DisruptionTarget', status: 'False' };
      const status = withPodCondition(pod.status as Pod['status'], condition, formatTime(nowMs));
      await writeStatus<Pod>(request, Pod, { object: pod, status });
      return undefined;
    },
  });
}

/** Since when a pod that stays has been said to go; kubelets take longer about it. */
function targetedAtMs(pod: DeepReadonly<Pod>): number | undefined {
  const target = podCondition(pod, 'DisruptionTarget');
  if (target?.status !== 'True' || target.reason === 'TerminationByKubelet') return undefined;
  return isPodActive(pod) ? (parseTime(target.lastTransitionTime ?? '') ?? 0) : undefined;
}
