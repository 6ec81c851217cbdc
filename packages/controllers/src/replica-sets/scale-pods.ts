import { messageOf } from '@fairway/host';
import type { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { firstFailure } from '../first-failure.ts';
import { type DeletionContext, inDeletionOrder } from '../pods/deletion-order.ts';
import type { PodWriter } from '../pods/pod-writer.ts';
import { slowStart } from '../pods/slow-start.ts';
import type { ReplicaFailure } from './replica-status.ts';

/** Pods that are made or deleted before the status is written once; the rest follows. */
const podsAtOnceMax = 500;

/** What came of bringing pods to the number that is wanted. */
export interface ScaleOutcome {
  readonly failure?: { readonly told: ReplicaFailure; readonly cause: unknown };
}

/** Makes or deletes pods until there are as many as wanted, `podsAtOnceMax` at the most. */
export async function scalePods(
  writer: PodWriter,
  wanted: {
    readonly count: number;
    readonly active: readonly DeepReadonly<Pod>[];
    readonly newPod: () => DeepReadonly<Pod>;
    readonly deletion: DeletionContext;
  },
): Promise<ScaleOutcome> {
  const { count, active, newPod, deletion } = wanted;
  const missing = Math.min(count - active.length, podsAtOnceMax);
  if (missing > 0) {
    const pods = Array.from({ length: missing }, newPod);
    const { failure } = await slowStart(pods, (pod) => writer.create(pod));
    return failure === undefined ? {} : failed('FailedCreate', failure);
  }
  const surplus = Math.min(active.length - count, podsAtOnceMax);
  const leaving = surplus > 0 ? inDeletionOrder(active, deletion).slice(0, surplus) : [];
  const failure = await firstFailure(leaving.map((pod) => writer.delete(pod)));
  return failure === undefined ? {} : failed('FailedDelete', failure);
}

function failed(reason: ReplicaFailure['reason'], cause: unknown): ScaleOutcome {
  const message = messageOf(cause);
  return { failure: { told: { reason, message }, cause } };
}
