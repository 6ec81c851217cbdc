import type { KubernetesObject } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';
import type { IncomingObject } from '../content/incoming-object.ts';

/**
 * Takes hold of what an object needs and no other may have: the addresses and ports of a service.
 * Works on the store alone, so that several servers never give out the same thing twice.
 */
export interface Allocator {
  /**
   * Takes what `draft` names and `stored` did not have; what it leaves open is chosen and
   * written into the draft. With `isDryRun` everything is checked and nothing kept.
   * `busy`: another write of the same object is about to get it; nothing was taken.
   * Errors: `ApiError` when something is taken or nothing is left.
   */
  allocate(request: AllocationRequest): Promise<Allocation | 'busy'>;
  /** Gives back all that a deleted object held. */
  release(object: KubernetesObject): Promise<void>;
}

export interface AllocationRequest {
  readonly draft: IncomingObject;
  readonly stored?: KubernetesObject;
  readonly isDryRun: boolean;
}

export interface Allocation {
  /** After the write: gives back what the object does not need any more. */
  readonly confirm: () => Promise<void>;
  /** When the write failed: gives back what was taken for it. */
  readonly cancel: () => Promise<void>;
}

/** By `group/plural`. */
export type Allocators = ReadonlyMap<string, Allocator>;

/** What an allocator is looked up by: the part of a call that says it. */
interface AllocatingCall {
  readonly resource: ServedResource;
  readonly parts: { readonly allocators: Allocators };
}

/** The allocator of the call's resource; most resources have none. */
export function allocatorOf({ resource, parts }: AllocatingCall): Allocator | undefined {
  return parts.allocators.get(`${resource.group}/${resource.plural}`);
}

/**
 * Runs a write between taking what it needs and giving back what it does not. A write that
 * answers undefined has not been done.
 */
export async function withAllocation<T>(
  call: AllocatingCall,
  request: AllocationRequest,
  write: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const allocator = allocatorOf(call);
  if (allocator === undefined) return write();
  const allocation = await allocator.allocate(request);
  if (allocation === 'busy') return undefined;
  let written: T | undefined;
  try {
    written = await write();
  } catch (error) {
    await allocation.cancel();
    throw error;
  }
  await (written === undefined ? allocation.cancel() : allocation.confirm());
  return written;
}
