import { type Socket, createServer } from 'node:net';
import { joinSockets } from '../join-sockets.ts';
import type { HeldEntrance, OpenEntrance } from './held-entrance.ts';
import { reachBackend } from './reach-backend.ts';
import type { ServiceEntrance } from './service-entrance.ts';

/** Connections that wait to be accepted. */
const backlog = 511;

/** Takes connections at the address of a service. What has been connected goes on when it is closed. */
export async function openTcpEntrance(
  held: HeldEntrance,
  { address, port }: NonNullable<ServiceEntrance['place']>,
): Promise<OpenEntrance> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (client) => {
    void serve(held, client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host: address, port, backlog }, resolve);
  });
  return {
    sweep() {},
    async [Symbol.asyncDispose]() {
      // It waits for nobody: `close` itself would, for every connection.
      server.close();
    },
  };
}

async function serve(held: HeldEntrance, client: Socket): Promise<void> {
  client.on('error', () => client.destroy());
  try {
    const backend = await reachBackend(held.now, held.choice, client.remoteAddress ?? '');
    if (client.destroyed) backend.on('error', () => {}).destroy();
    else joinSockets(client, backend);
  } catch {
    // It has been accepted already; so is whoever is refused later told.
    client.resetAndDestroy();
  }
}
