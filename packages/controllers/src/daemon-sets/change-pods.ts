import type { ReconcileRequest } from '@fairway/reconcile';
import { firstFailure } from '../first-failure.ts';
import type { PodWriter } from '../pods/pod-writer.ts';
import { slowStart } from '../pods/slow-start.ts';
import type { AnyPod } from './daemon-pod.ts';
import type { DaemonChanges, Removal } from './next-changes.ts';

/** Pods that are made, and that are deleted, in one go; the rest follows. */
const podsAtOnceMax = 250;

export interface ChangeParts {
  readonly writer: PodWriter;
  readonly newPod: (node: string) => AnyPod;
  /** Hears of a node on which a pod has failed that is deleted now. */
  readonly onFailed: (node: string) => void;
  readonly record: ReconcileRequest<never>['record'];
}

/** Makes and deletes pods, and answers the first failure. The cache knows of what was done. */
export async function changePods(
  { creations, removals }: DaemonChanges,
  parts: ChangeParts,
): Promise<{ readonly failure?: unknown }> {
  const { writer, newPod } = parts;
  const nodes = creations.slice(0, podsAtOnceMax);
  const made = await slowStart(nodes, (node) => writer.create(newPod(node)));
  const notDeleted = await firstFailure(
    removals.slice(0, podsAtOnceMax).map(async (removal) => {
      tellOfEnd(removal, parts);
      await writer.delete(removal.pod);
    }),
  );
  return { failure: made.failure ?? notDeleted };
}

function tellOfEnd({ pod, overOn }: Removal, { record, onFailed }: ChangeParts): void {
  if (overOn === undefined) return;
  const { namespace = '', name = '' } = pod.metadata ?? {};
  const where = `daemon pod ${namespace}/${name} on node ${overOn}`;
  if (pod.status?.phase !== 'Failed') {
    const message = `Found succeeded ${where}, will try to delete it`;
    return record({ type: 'Normal', reason: 'SucceededDaemonPod', message });
  }
  onFailed(overOn);
  const message = `Found failed ${where}, will try to kill it`;
  record({ type: 'Warning', reason: 'FailedDaemonPod', message });
}
