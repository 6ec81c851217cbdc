import { type Socket, connect } from 'node:net';
import { joinSockets } from '../join-sockets.ts';
import { receiveLine } from '../receive-line.ts';
import { serveSocket } from '../serve-socket.ts';

/** In the folder of the runtime. */
export const outsideSocket = 'outside.sock';

/** How long a machine may take to accept. */
const acceptMs = 1_500;

/** One line of JSON; bytes follow. */
export type OutsideAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string };

/**
 * Connects the program of a network with machines outside, as this machine reaches them. Only that program finds
 * the socket, and is told where backends of services are by the agent.
 */
export function openOutsideDoor(directory: string): Promise<AsyncDisposable> {
  return serveSocket(directory, outsideSocket, (inner) => void lead(inner));
}

async function lead(inner: Socket): Promise<void> {
  inner.on('error', () => inner.destroy());
  try {
    const place = JSON.parse(await receiveLine(inner)) as { address: string; port: number };
    const outer = await accepted(place.address, place.port);
    answer(inner, { ok: true });
    joinSockets(inner, outer);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer(inner, { ok: false, message });
    inner.end();
  }
}

async function accepted(host: string, port: number): Promise<Socket> {
  const outer = connect({ host, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
  outer.setTimeout(acceptMs, () => outer.destroy(new Error(`${host}:${port} says nothing`)));
  await new Promise<void>((resolve, reject) => {
    outer.once('connect', resolve).once('error', reject);
  });
  return outer.setTimeout(0);
}

function answer(socket: Socket, value: OutsideAnswer): void {
  socket.write(`${JSON.stringify(value)}\n`);
}
