import { type Socket, connect } from 'node:net';
import { request } from '../socket-requests.ts';
import type { BackendChoice } from './backend-choice.ts';
import { type OutsideRequest, outsideSocket } from './outside-door.ts';
import type { EntranceBackend, ServiceEntrance } from './service-entrance.ts';

/** How long a backend may take to accept; another one is tried then. */
const acceptMs = 2_000;
/** Backends that are tried for one connection. */
const triesMax = 4;

/**
 * A connection to one of the backends of a service. One that does not accept is passed over for the next: nothing
 * was sent yet.
 *
 * Errors: why the last one did not.
 */
export async function reachBackend(
  entrance: ServiceEntrance,
  choice: BackendChoice,
  client: string,
): Promise<Socket> {
  const tried = new Set<EntranceBackend>();
  let failure: unknown = new Error(`no program is ready for ${entrance.key}`);
  while (tried.size < triesMax) {
    const backend = choice.choose(entrance, client, tried);
    if (backend === undefined) break;
    tried.add(backend);
    try {
      return await accepted(backend);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function accepted({ address, port, isOutside }: EntranceBackend): Promise<Socket> {
  const socket = connect(
    isOutside
      ? { path: `../${outsideSocket}`, allowHalfOpen: true }
      : { host: address, port, allowHalfOpen: true, noDelay: true, keepAlive: true },
  );
  socket.setTimeout(acceptMs, () => socket.destroy(new Error(`${address}:${port} says nothing`)));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    if (isOutside) await request(socket, { address, port } satisfies OutsideRequest);
    return socket.setTimeout(0);
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
}
