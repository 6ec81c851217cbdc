import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * A stream as what connections take for a socket. What they ask of a socket beside its bytes means nothing
 * to it: whoever opened it knows how long it may live.
 */
export function streamSocket(stream: Duplex): Socket {
  const socket = stream as Socket;
  const same = (): Socket => socket;
  return Object.assign(socket, {
    ref: same,
    setKeepAlive: same,
    setNoDelay: same,
    setTimeout: same,
    unref: same,
  });
}
