import { type Client, createClient } from '@fairway/client';
import type { Clock, Random } from '@fairway/host';
import type { Handler, UserInfo } from '@fairway/protocol';
import type { Informers } from '../cache/informers.ts';

/** How a component of a control plane reaches the API. */
export interface ComponentApi {
  /** The API for a user: in process, or over a connection with the credentials of that user. */
  readonly handlerFor: (user: UserInfo) => Handler;
  readonly clock: Clock;
  readonly random: Random;
  /** Caches that components of one process share; each has its own where absent. */
  readonly informers?: Informers;
}

/**
 * A client that acts as a user and is known by the program and the part of it that uses it:
 * `kube-scheduler/fairway`. What is before the slash is who owns the fields that are written.
 */
export function clientAs(
  { handlerFor, clock, random }: ComponentApi,
  user: UserInfo,
  userAgent: string,
): Client {
  const next = handlerFor(user);
  const agent = { 'user-agent': userAgent };
  const transport: Handler = (request) =>
    next({ ...request, headers: { ...request.headers, ...agent } });
  return createClient({ transport, clock, random });
}
