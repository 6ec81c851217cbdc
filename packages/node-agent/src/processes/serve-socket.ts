import { chmod, rm } from 'node:fs/promises';
import { type Socket, createServer } from 'node:net';
import { openFolder, socketIn } from './socket-folder.ts';

/** Takes connections at a socket in a folder, which only its owner may use. */
export async function serveSocket(
  directory: string,
  name: string,
  serve: (socket: Socket) => void,
): Promise<AsyncDisposable> {
  const server = createServer({ allowHalfOpen: true }, serve);
  await rm(`${directory}/${name}`, { force: true });
  await using folder = await openFolder(directory);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(socketIn(folder, name), resolve);
  });
  await chmod(`${directory}/${name}`, 0o600);
  const connections = new Set<Socket>();
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
