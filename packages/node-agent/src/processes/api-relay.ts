import { constants } from 'node:fs';
import { chmod, open, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { joinSockets } from './join-sockets.ts';

/** Where an address of the cluster leads: `10.96.0.1:443` to the API server of this machine. */
export interface ApiRoute {
  readonly serviceAddress: string;
  readonly servicePort: number;
  readonly target: { readonly host: string; readonly port: number };
}

export const relaySocket = 'api.sock';

/** The outer end of the way from pods to the API: a socket in a folder, which every pod's shim finds. */
export async function openApiRelay(
  directory: string,
  { target }: ApiRoute,
): Promise<AsyncDisposable> {
  const server = createServer({ allowHalfOpen: true }, (inner) => {
    joinSockets(inner, connect({ ...target, allowHalfOpen: true }));
  });
  await rm(`${directory}/${relaySocket}`, { force: true });
  await using folder = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(`/proc/self/fd/${folder.fd}/${relaySocket}`, resolve);
  });
  await chmod(`${directory}/${relaySocket}`, 0o600);
  const connections = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}
