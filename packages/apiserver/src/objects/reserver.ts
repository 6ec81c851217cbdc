import type { KubernetesObject } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';
import type { IncomingObject } from './incoming-object.ts';

/**
 * Takes hold of what an object needs and no other may have: the addresses and ports of a service.
 * Works on the store alone, so that several servers never give out the same thing twice.
 */
export interface Reserver {
  /**
   * Reserves what `draft` names and `stored` did not have; what it leaves open is chosen and
   * written into the draft. With `isDryRun` everything is checked and nothing kept.
   * `busy`: another write of the same object is about to get it; nothing was reserved.
   * Errors: `ApiError` when something is taken or nothing is left.
   */
  reserve(request: ReservationRequest): Promise<Reservation | 'busy'>;
  /** Gives back all that a deleted object held. */
  release(object: KubernetesObject): Promise<void>;
}

export interface ReservationRequest {
  readonly draft: IncomingObject;
  readonly stored?: KubernetesObject;
  readonly isDryRun: boolean;
}

export interface Reservation {
  /** After the write: gives back what the object does not need any more. */
  readonly confirm: () => Promise<void>;
  /** When the write failed: gives back what was reserved for it. */
  readonly cancel: () => Promise<void>;
}

/** By `group/plural`. */
export type Reservers = ReadonlyMap<string, Reserver>;

/** What a reserver is looked up by: the part of a call that says it. */
interface ReservedCall {
  readonly resource: ServedResource;
  readonly parts: { readonly reservers: Reservers };
}

/** Who reserves what the objects of a call need; most kinds need nothing. */
export function reserverOf({ resource, parts }: ReservedCall): Reserver | undefined {
  return parts.reservers.get(`${resource.group}/${resource.plural}`);
}

/**
 * Runs a write between reserving what it needs and giving back what it does not. A write that
 * answers undefined has not been done.
 */
export async function withReservation<T>(
  call: ReservedCall,
  request: ReservationRequest,
  write: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const reserver = reserverOf(call);
  if (reserver === undefined) return write();
  const reservation = await reserver.reserve(request);
  if (reservation === 'busy') return undefined;
  let written: T | undefined;
  try {
    written = await write();
  } catch (error) {
    await reservation.cancel();
    throw error;
  }
  await (written === undefined ? reservation.cancel() : reservation.confirm());
  return written;
}
