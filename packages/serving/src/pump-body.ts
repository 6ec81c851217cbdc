import type { Writable } from 'node:stream';
import type { Clock } from '@fairway/host';
import type { HttpBody } from '@fairway/protocol';

export interface PumpOptions {
  readonly clock: Clock;
  /** How long a reader may take to make room for more before the connection is cut. */
  readonly writeStallMs: number;
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
  const onDrain = (): void => wake?.();
  const onClose = (): void => {
    state.isOpen = false;
    wake?.();
    release(iterator);
  };
  if (!state.isOpen) onClose();
  sink.on('drain', onDrain);
  sink.once('close', onClose);
  try {
    while (state.isOpen) {
      const next = await iterator.next();
      if (next.done === true) return state.isOpen ? 'finished' : 'closed';
      if (!state.isOpen || next.value.length === 0 || sink.write(next.value)) continue;
      const timer = options.clock.schedule(options.writeStallMs, () => sink.destroy());
      await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
      timer.cancel();
    }
    return 'closed';
  } finally {
    sink.off('drain', onDrain);
    sink.off('close', onClose);
  }
}

/** Lets go of a body that nobody will read. */
export function releaseBody(body: HttpBody): void {
  if (body !== undefined && !(body instanceof Uint8Array)) release(body[Symbol.asyncIterator]());
}

function release(iterator: AsyncIterator<Uint8Array>): void {
  // The reader is gone, so nobody is left to hear that cleaning up failed.
  iterator.return?.()?.then(undefined, () => {});
}
