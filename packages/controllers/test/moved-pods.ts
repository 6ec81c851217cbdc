import { isConflict, isNotFound } from '@fairway/client';
import { Pod, type PodCondition } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import { isPodOver } from '@fairway/kind-rules/pods';
import type { World } from './schedules.ts';

/** What a kubelet would do to a pod that chance chooses: run it, let it fail, end one that was deleted. */
export async function movePod(world: World): Promise<void> {
  const pods = await world.pods();
  if (pods.length === 0) return;
  const pod = world.of(pods);
  if (pod.metadata?.deletionTimestamp !== undefined) return endPod(world, pod);
  if (isPodOver(pod)) return;
  await setPhase(world, pod, world.of(['Running', 'Running', 'Running', 'Failed', 'Pending']));
}

/** Runs every pod that could run, and ends those that were deleted: what kubelets come to in the end. */
export async function moveAllPods(world: World): Promise<void> {
  for (const pod of await world.pods()) {
    if (pod.metadata?.deletionTimestamp !== undefined) await endPod(world, pod);
    else if (pod.status?.phase === 'Pending') await setPhase(world, pod, 'Running');
  }
}

/** Says of a pod what its kubelet would: one that runs is ready. */
export async function setPhase(world: World, pod: Pod, phase: string): Promise<void> {
  const { client, clock, namespace } = world;
  const isRunning = phase === 'Running';
  const ready: PodCondition = {
    type: 'Ready',
    status: isRunning ? 'True' : 'False',
    lastTransitionTime: formatTime(clock.now()),
  };
  const status = { ...pod.status, phase: phase as 'Running', conditions: [ready] };
  await ifThere(
    client
      .subresource<Pod>(Pod, pod.metadata?.name ?? '', 'status', { namespace })
      .replace({ ...pod, status }),
  );
}

/** Ends every pod that was deleted. */
export async function endPods(world: World): Promise<void> {
  for (const pod of await world.pods()) {
    if (pod.metadata?.deletionTimestamp !== undefined) await endPod(world, pod);
  }
}

async function endPod({ client, namespace }: World, pod: Pod): Promise<void> {
  const name = pod.metadata?.name ?? '';
  await ifThere(client.delete(Pod, name, { namespace, gracePeriodSeconds: 0 }));
}

/** Deletes a pod that chance chooses, as a user or an eviction would. */
export async function deletePod(world: World): Promise<void> {
  const pods = await world.pods();
  if (pods.length === 0) return;
  const { client, namespace } = world;
  await ifThere(client.delete(Pod, world.of(pods).metadata?.name ?? '', { namespace }));
}

/** The same, and notes by its uid which one that was: it is told apart from what a controller deletes. */
export async function deleteAsUser(world: World): Promise<void> {
  const before = await deletedUids(world);
  await deletePod(world);
  for (const uid of await deletedUids(world)) if (!before.has(uid)) world.memory.set(uid, 1);
}

async function deletedUids(world: World): Promise<ReadonlySet<string>> {
  const pods = await world.pods();
  const deleted = pods.filter(({ metadata }) => metadata?.deletionTimestamp !== undefined);
  return new Set(deleted.map(({ metadata }) => metadata?.uid ?? ''));
}

/** Waits for a write that a controller may have forestalled. */
export async function ifThere(writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
