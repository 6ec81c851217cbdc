import type { Server, Socket } from 'node:net';
import type { Clock } from '@fairway/host';
import type { ServingLimits } from './serving-limits.ts';

/**
 * Puts a look at the first byte of each connection before the handshake of a TLS server: who speaks
 * HTTP in the clear is told so at once, in the words of Go's servers, which people search for.
 */
export function requireTls(
  server: Server,
  {
    limits,
    clock,
  }: {
    readonly limits: Pick<ServingLimits, 'handshakeTimeoutMs' | 'unreadBodyLingerMs'>;
    readonly clock: Clock;
  },
): void {
  const [shakeHands, ...others] = server.listeners('connection');
  if (shakeHands === undefined || others.length > 0) {
    throw new Error('the handshake of a TLS server must be its only listener so far');
  }
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    // The handshake has its own timeout, which begins with it.
    const timer = clock.schedule(limits.handshakeTimeoutMs, () => socket.destroy());
    const onError = (): void => void socket.destroy();
    const onReadable = (): void => {
      const begin = socket.read() as Buffer | null;
      if (begin === null) return;
      timer.cancel();
      socket.off('readable', onReadable);
      if (isHttp(begin)) return refuse(socket, { limits, clock });
      socket.off('error', onError);
      socket.unshift(begin);
      shakeHands.call(server, socket);
    };
    socket.once('close', () => timer.cancel());
    socket.on('error', onError);
    socket.on('readable', onReadable);
  });
}

/** A method begins with a capital letter; the first record of a handshake with 22. */
function isHttp([first = 0]: Uint8Array): boolean {
  return first >= 0x41 && first <= 0x5a;
}

function refuse(
  socket: Socket,
  {
    limits,
    clock,
  }: {
    readonly limits: Pick<ServingLimits, 'unreadBodyLingerMs'>;
    readonly clock: Clock;
  },
): void {
  socket.end('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n');
  // What is left unread would make the system cut the connection before the answer is read.
  socket.resume();
  const timer = clock.schedule(limits.unreadBodyLingerMs, () => socket.destroy());
  socket.once('close', () => timer.cancel());
}
