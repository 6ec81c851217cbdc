import { type Socket, createServer } from 'node:net';
import type { NameServer } from './ask-server.ts';
import { MessageFrames, framed } from './message-frames.ts';
import type { NameResolver } from './name-resolver.ts';
import type { NamesPort } from './names-port.ts';

/** What clients may have open, all together and each of them; more are closed at once. */
const connectionsMax = 256;
const clientConnectionsMax = 32;
/** How long a connection may be silent. Source: RFC 7766 6.2.3. */
const idleMs = 10_000;

/** Answers what comes over connections, of which it bounds how many there are. */
export class NameConnections {
  readonly #resolver: Pick<NameResolver, 'answer'>;
  readonly #open = new Map<Socket, string | undefined>();

  constructor(resolver: Pick<NameResolver, 'answer'>) {
    this.#resolver = resolver;
  }

  take(socket: Socket): void {
    const client = socket.remoteAddress;
    const others = [...this.#open.values()].filter((each) => each === client).length;
    // Of those that are handed on nobody knows whose they are.
    const isOne = client !== undefined && others >= clientConnectionsMax;
    if (this.#open.size >= connectionsMax || isOne) {
      socket.destroy();
      return;
    }
    this.#open.set(socket, client);
    socket.on('close', () => this.#open.delete(socket));
    void answerAll(this.#resolver, socket);
  }

  close(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }
}

/** Answers what comes to an address. Errors: the system's, where it is not to be had. */
export async function serveConnections(
  resolver: Pick<NameResolver, 'answer'>,
  { address, port }: NameServer,
): Promise<NamesPort> {
  const connections = new NameConnections(resolver);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const server = createServer({ noDelay: true }, (socket) => connections.take(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', failed.reject);
  const bound = server.address();
  return {
    address: { address, port: typeof bound === 'object' && bound !== null ? bound.port : port },
    failed: failed.promise,
    async [Symbol.asyncDispose]() {
      connections.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** One message after the other, and none before the answer to the last one was taken. */
async function answerAll(resolver: Pick<NameResolver, 'answer'>, socket: Socket): Promise<void> {
  const frames = new MessageFrames();
  socket.setTimeout(idleMs, () => socket.destroy());
  try {
    for await (const chunk of socket) {
      for (const message of frames.take(chunk as Buffer)) {
        const answer = await resolver.answer(message, 'tcp');
        // Whoever sends something else has not come to ask.
        if (answer === undefined) return;
        if (!socket.write(framed(answer))) await drained(socket);
      }
    }
    socket.end();
  } catch {
    // The client is gone, and with it everybody who would want to know.
  } finally {
    socket.destroySoon();
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('drain', resolve);
    socket.once('close', () => reject(new Error('closed')));
  });
}
