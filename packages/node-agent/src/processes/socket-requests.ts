/**
 * Connections that begin with a request and its answer, each a line of JSON; what follows depends on what was asked
 * for.
 */
import type { Socket } from 'node:net';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { errorMessage } from './error-message.ts';
import { receiveLine } from './receive-line.ts';
import { serveSocket } from './serve-socket.ts';

type Answer = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Serves them at a socket in a folder. What `serve` throws is the answer, and ends the connection. */
export function serveRequests<Request>(
  directory: string,
  name: string,
  serve: (socket: Socket, request: Request) => Promise<void>,
): Promise<AsyncDisposable> {
  const serveFirst = async (socket: Socket): Promise<void> =>
    serve(socket, JSON.parse(await receiveLine(socket)) as Request);
  return serveSocket(directory, name, (socket) => {
    socket.on('error', () => socket.destroy());
    serveFirst(socket).catch((error: unknown) => {
      answer(socket, { ok: false, message: errorMessage(error) });
      socket.end();
    });
  });
}

/** Answers that it is so. */
export function agree(socket: Socket): void {
  answer(socket, { ok: true });
}

/** Resolves when the other side agrees. Errors: `RuntimeError` with what it says; throws where it says nothing. */
export async function request(socket: Socket, what: object): Promise<void> {
  socket.write(`${JSON.stringify(what)}\n`);
  const said = JSON.parse(await receiveLine(socket)) as Answer;
  if (!said.ok) throw new RuntimeError('failed', said.message);
}

/** The same connection, once the other side agrees. Errors: as `request`, but for `notThere`. */
export async function requested(
  socket: Socket,
  what: object,
  notThere: (cause: unknown) => RuntimeError,
): Promise<Socket> {
  try {
    await request(socket, what);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error instanceof RuntimeError ? error : notThere(error);
  }
}

function answer(socket: Socket, value: Answer): void {
  socket.write(`${JSON.stringify(value)}\n`);
}
