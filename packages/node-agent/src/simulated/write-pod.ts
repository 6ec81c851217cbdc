import type { Client } from '@fairway/client';
import { Pod, type PodStatus } from '@fairway/kinds/core/v1';
import { deleteUnlessOutdated, unlessAnother } from '@fairway/reconcile';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';

/**
 * Writes what is different in the status of a pod; undefined where the pod is gone, or its name has passed
 * to another one.
 */
export function writePodStatus(
  client: Client,
  before: AnyPod,
  after: AnyPod,
): Promise<Pod | undefined> {
  const { name = '', namespace = '', uid } = before.metadata ?? {};
  const strategic = { metadata: { uid }, status: changedStatus(before.status, after.status) };
  return unlessAnother(client.subresource(Pod, name, 'status', { namespace }).patch({ strategic }));
}

/** Of a status, the fields that are not what they were; of its conditions, those that are not. */
function changedStatus(before: AnyPod['status'], after: AnyPod['status']): Partial<PodStatus> {
  const old = (before ?? {}) as Readonly<Record<string, unknown>>;
  const changed = Object.entries(after ?? {}).filter(([name, value]) => old[name] !== value);
  const conditions = (after?.conditions ?? []).filter(
    (each) => !(before?.conditions ?? []).includes(each),
  );
  const fields = Object.fromEntries(changed);
  return (conditions.length === 0 ? fields : { ...fields, conditions }) as Partial<PodStatus>;
}

/** Deletes a pod: for good, or with the time that it has. */
export async function deletePod(
  client: Client,
  pod: AnyPod,
  how: 'now' | 'gracefully',
): Promise<void> {
  await deleteUnlessOutdated(client, Pod, pod, how === 'now' ? { gracePeriodSeconds: 0 } : {});
}
