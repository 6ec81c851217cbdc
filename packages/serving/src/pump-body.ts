import type { Writable } from 'node:stream';
import type { Clock } from '@fairway/host';
import type { HttpBody } from '@fairway/protocol';
import type { UnreadBytes } from './unread-bytes.ts';

export interface PumpOptions {
  readonly clock: Clock;
  /** How long a reader may take to make room for more before the connection is cut. */
  readonly writeStallMs: number;
  /** Counts what waits for the reader, together with what waits for all others. */
  readonly unread: UnreadBytes;
}

/**
 * Writes every chunk as soon as it is there, at the pace of the reader.
 *
 * Shape: `finished` when all was handed over (the caller ends `sink`), `closed` when `sink` closed
 * before. Closing calls the iterator's `return` at once, even while it waits in `next`.
 * Errors: what the iterable throws.
 */
export async function pumpBody(
  body: AsyncIterable<Uint8Array>,
  sink: Writable,
  options: PumpOptions,
): Promise<'finished' | 'closed'> {
  const iterator = body[Symbol.asyncIterator]();
  const state = { isOpen: !sink.destroyed };
  let wake: (() => void) | undefined;
  const cut = (): void => void sink.destroy();
  const onDrain = (): void => wake?.();
  const onClose = (): void => {
    state.isOpen = false;
    wake?.();
    leave(iterator);
  };
  if (!state.isOpen) onClose();
  sink.on('drain', onDrain);
  sink.once('close', onClose);
  try {
    while (state.isOpen) {
      const next = await iterator.next();
      if (next.done === true) return state.isOpen ? 'finished' : 'closed';
      if (!state.isOpen || next.value.length === 0 || sink.write(next.value)) continue;
      const timer = options.clock.schedule(options.writeStallMs, cut);
      const release = options.unread.hold(sink.writableLength, cut);
      await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
      release();
      timer.cancel();
    }
    return 'closed';
  } finally {
    sink.off('drain', onDrain);
    sink.off('close', onClose);
  }
}

const pieceBytes = 1024 * 1024;

/** A large body in pieces, so that a slow reader is seen to make progress. */
export async function* piecesOf(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += pieceBytes) yield body.subarray(at, at + pieceBytes);
}

/** Discards a body that will not be read. */
export function releaseBody(body: HttpBody): void {
  if (body !== undefined && !(body instanceof Uint8Array)) leave(body[Symbol.asyncIterator]());
}

function leave(iterator: AsyncIterator<Uint8Array>): void {
  // The reader is gone, so a failure to clean up cannot be reported.
  iterator.return?.()?.then(undefined, () => {});
}
