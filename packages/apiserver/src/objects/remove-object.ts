import type { KubernetesObject } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { ServedResource } from '../registry/served-resource.ts';
import type { Call } from '../calls/call.ts';
import type { WriteParts } from './write-parts.ts';
import { allocatorOf } from '../allocators/allocator.ts';

/** Whether an object that is being deleted has nothing left to wait for. */
export function isDone(resource: ServedResource, object: KubernetesObject): boolean {
  const {
    deletionTimestamp,
    finalizers = [],
    deletionGracePeriodSeconds = 0,
  } = object.metadata ?? {};
  if (deletionTimestamp === undefined || finalizers.length > 0) return false;
  return deletionGracePeriodSeconds === 0 && resource.rules.deletion?.isHeld?.(object) !== true;
}

/**
 * Removes an entry and gives back what its object holds. Answers the revision of the removal; undefined
 * when the entry has changed meanwhile.
 */
export async function removeEntry(
  call: Call<Pick<WriteParts, 'store' | 'allocators'>>,
  { entry, stored }: { readonly entry: StoreEntry; readonly stored: KubernetesObject },
): Promise<number | undefined> {
  const outcome = await call.parts.store.delete(entry.key, entry.revision);
  if (outcome.kind === 'conflict') return undefined;
  await allocatorOf(call)?.release(stored);
  return outcome.revision;
}
