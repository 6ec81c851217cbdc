import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Place } from './runtime-streams.ts';

/** A connection of this machine, once it is there. Errors: the system's, also when `signal` aborts. */
export async function reachDirectly(place: Place, signal?: AbortSignal): Promise<Duplex> {
  const socket = connect({ ...place, ...(signal === undefined ? {} : { signal }) });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  return socket;
}
