import type { Pod } from '@fairway/kinds/core/v1';

import type { DeletionRules } from '../kind-rules.ts';
import type { ObjectDraft } from '@fairway/protocol';

/** A pod that a node runs stays until its grace is over; nothing waits for one that none runs. */
export const podDeletion: DeletionRules<ObjectDraft<Pod>> = {
  answersObject: true,
  graceSeconds: (pod, requestedSeconds) => {
    const hasNode = (pod.spec?.nodeName ?? '') !== '';
    const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (!hasNode || isOver) return 0;
    const seconds = requestedSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 0;
    return seconds < 0 ? 1 : seconds;
  },
};
