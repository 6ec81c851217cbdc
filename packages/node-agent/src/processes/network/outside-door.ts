import { type Socket, connect } from 'node:net';
import { joinSockets } from '../join-sockets.ts';
import { agree, serveRequests } from '../socket-requests.ts';
import type { EntranceBackend } from './service-entrance.ts';

/** In the folder of the runtime. */
export const outsideSocket = 'outside.sock';

/** How long a machine may take to accept. */
const acceptMs = 1_500;

/** Bytes follow its answer. */
export type OutsideRequest = Pick<EntranceBackend, 'address' | 'port'>;

/**
 * Connects the program of a network with machines outside, as this machine reaches them. Only that program finds
 * the socket, and is told where backends of services are by the agent.
 */
export function openOutsideDoor(directory: string): Promise<AsyncDisposable> {
  return serveRequests<OutsideRequest>(directory, outsideSocket, async (inner, place) => {
    const outer = await accepted(place.address, place.port);
    agree(inner);
    joinSockets(inner, outer);
  });
}

async function accepted(host: string, port: number): Promise<Socket> {
  const outer = connect({ host, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
  outer.setTimeout(acceptMs, () => outer.destroy(new Error(`${host}:${port} says nothing`)));
  await new Promise<void>((resolve, reject) => {
    outer.once('connect', resolve).once('error', reject);
  });
  return outer.setTimeout(0);
}
