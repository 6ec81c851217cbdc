import type { ByteStream } from '@fairway/protocol';
import { duplexOf } from '@fairway/protocol/nodejs';

/** Probes the connection of a stream that is silent for so long; undefined: never. */
export function keepStreamAlive(stream: ByteStream, keepAliveMs: number | undefined): void {
  const socket = duplexOf(stream);
  if (socket === undefined || !('setKeepAlive' in socket)) return;
  if (typeof socket.setKeepAlive !== 'function') return;
  socket.setKeepAlive(keepAliveMs !== undefined, keepAliveMs ?? 0);
}
