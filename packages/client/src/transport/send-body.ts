import type { Socket } from 'node:net';
import type { RequestFraming } from '../http1/request-head.ts';
import type { Http1Exchange } from './http1-exchange.ts';

interface BodySink {
  readonly socket: Socket;
  readonly exchange: Http1Exchange;
  /** Resolves when there is room for more, or when the connection is gone. */
  readonly room: () => Promise<void>;
}

/**
 * Writes the body of a request at the pace of the connection, for as long as the answer to it is
 * awaited.
 *
 * Errors: what the body throws, and `TypeError` when it is not as long as was announced: the server
 * would take the rest for another request.
 */
export async function sendBody(
  body: AsyncIterable<Uint8Array>,
  framing: RequestFraming,
  { socket, exchange, room }: BodySink,
): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  // Whoever sends it may wait for something that nobody needs any more.
  exchange.whenOver(() => void iterator.return?.().then(undefined, () => {}));
  let left = typeof framing === 'number' ? framing : Infinity;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    if (exchange.isOver) return;
    const { value } = next;
    left -= value.length;
    if (left < 0) throw new TypeError(`the body of a request is longer than its content-length`);
    if (value.length === 0) continue;
    if (!writeChunk(value, framing, socket)) await room();
    if (exchange.isOver) return;
  }
  if (framing === 'chunked') socket.write('0\r\n\r\n', 'latin1');
  else if (left > 0)
    throw new TypeError('the body of a request is shorter than its content-length');
}

function writeChunk(bytes: Uint8Array, framing: RequestFraming, socket: Socket): boolean {
  if (framing !== 'chunked') return socket.write(bytes);
  socket.cork();
  socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
  socket.write(bytes);
  const hasRoom = socket.write('\r\n', 'latin1');
  socket.uncork();
  return hasRoom;
}
