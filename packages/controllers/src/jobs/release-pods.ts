import { type Client, isNotFound } from '@fairway/client';
import { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { Informer } from '@fairway/reconcile';
import { firstFailure } from '../first-failure.ts';
import { trackingFinalizer } from './job-names.ts';
import { isTracked } from './job-pods.ts';

/**
 * Lets pods go as far as their job is concerned. Answers when the cache knows of it, so that nobody takes
 * them for pods that are still to be counted. `areAsRead`: those that have changed since stay.
 *
 * Errors: the first failure, when all were tried; Conflict for what has changed.
 */
export async function releasePods(
  parts: { readonly client: Client; readonly pods: Informer<Pod> },
  pods: readonly DeepReadonly<Pod>[],
  how: { readonly signal: AbortSignal; readonly areAsRead?: boolean },
): Promise<void> {
  const failure = await firstFailure(pods.map((pod) => release(parts, pod, how)));
  if (failure !== undefined) throw failure;
}

async function release(
  { client, pods }: { readonly client: Client; readonly pods: Informer<Pod> },
  pod: DeepReadonly<Pod>,
  { signal, areAsRead = false }: { readonly signal: AbortSignal; readonly areAsRead?: boolean },
): Promise<void> {
  const { name = '', namespace = '', uid, resourceVersion } = pod.metadata ?? {};
  const identity = areAsRead ? { uid, resourceVersion } : { uid };
  const removed = { '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] };
  try {
    const strategic = { metadata: { ...identity, ...removed } };
    await client.patch(Pod, name, { strategic }, { namespace, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await pods.objectReached(pod, (held) => held === undefined || !isTracked(held), { signal });
}
