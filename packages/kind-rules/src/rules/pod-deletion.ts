import type { Pod } from '@fairway/kinds/core/v1';

import type { DeletionRules } from '../kind-rules.ts';
import { isPodOver } from '../pods/pod-state.ts';
import type { ObjectDraft } from '@fairway/protocol';

/**
 * A pod on a node stays until its grace period is over, so that the kubelet can stop it. One
 * without a node, and one that has ended, goes at once.
 * Source: Kubernetes documentation, "Pod Lifecycle", "Termination of Pods"; core pod strategy,
 * CheckGracefulDelete.
 */
export const podDeletion: DeletionRules<ObjectDraft<Pod>> = {
  answersObject: true,
  graceSeconds: (pod, requestedSeconds) => {
    const hasNode = (pod.spec?.nodeName ?? '') !== '';
    if (!hasNode || isPodOver(pod)) return 0;
    const seconds = requestedSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 0;
    return seconds < 0 ? 1 : seconds;
  },
};
