import type { DaemonSetStatus } from '@fairway/kinds/apps/v1';
import { isPodReady } from '@fairway/kind-rules/pods';
import { withoutZeros } from '../write-status.ts';
import { type DaemonState, inOrder, isAvailable } from './next-changes.ts';

/** The status that nodes and the pods on them give a set: of several pods on a node the first one counts. */
export function daemonStatus(
  state: Pick<DaemonState, 'set' | 'nodes' | 'isUpdated' | 'nowMs'>,
  collisionCount: number | undefined,
): DaemonSetStatus {
  const { set, nodes, isUpdated } = state;
  const wanted = nodes.filter(({ shouldRun }) => shouldRun);
  const placed = wanted.flatMap(({ pods }) => inOrder(pods)[0] ?? []);
  const ready = placed.filter(isPodReady);
  const numberAvailable = ready.filter((pod) => isAvailable(state, pod)).length;
  const { conditions } = set.status ?? {};
  return {
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: placed.length,
    numberMisscheduled: nodes.filter(({ shouldRun, pods }) => !shouldRun && pods.length > 0).length,
    numberReady: ready.length,
    ...withoutZeros({
      observedGeneration: set.metadata?.generation,
      updatedNumberScheduled: placed.filter(isUpdated).length,
      numberAvailable,
      numberUnavailable: wanted.length - numberAvailable,
    }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
