import type { Readable } from 'node:stream';
import type { Attempt } from './attempt.ts';
import { explainFailure } from './explain-failure.ts';

/** Unless `StreamFacts` say otherwise. */
const waitingBytesMaxByDefault = 256 * 1024;

/** What the reader of a stream needs to know about it. */
export interface StreamFacts {
  readonly server: string;
  readonly attempt: Attempt;
  /** True when the end that a stream came to is not the end of the message. */
  readonly isCut: () => boolean;
  readonly onChunk?: () => void;
  /** So much may wait for the consumer before the connection is held back. */
  readonly waitingBytesMax?: number | undefined;
}

/**
 * The bytes of an answer, at the pace of their consumer. Leaving early lets the connection know.
 *
 * Reads from the first moment, because Node.js discards an HTTP/2 stream that was complete before
 * reading began.
 */
export function readStream(
  stream: Readable,
  facts: StreamFacts,
): AsyncIterableIterator<Uint8Array, undefined> {
  const { attempt, server, waitingBytesMax = waitingBytesMaxByDefault } = facts;
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let outcome: { readonly failure?: unknown } | undefined;
  let wake: (() => void) | undefined;

  const finish = (end: { readonly failure?: unknown }): void => {
    if (outcome !== undefined) return;
    outcome = end;
    attempt.signal.removeEventListener('abort', onAbort);
    attempt.end();
    wake?.();
  };
  const fail = (cause: unknown): void => {
    const { signal } = attempt;
    finish({ failure: signal.aborted ? signal.reason : explainFailure(cause, { server }) });
  };
  const onAbort = (): void => {
    fail(attempt.signal.reason);
    stream.destroy();
  };
  attempt.signal.addEventListener('abort', onAbort, { once: true });
  stream.on('data', (chunk: Uint8Array) => {
    attempt.heard();
    facts.onChunk?.();
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes > waitingBytesMax) stream.pause();
    wake?.();
  });
  stream.once('end', () => (facts.isCut() ? fail(cutShort()) : finish({})));
  stream.on('error', fail);
  stream.once('close', () => {
    // An error takes longer to make than all else here.
    if (outcome === undefined) fail(cutShort());
  });

  const take = (): IteratorResult<Uint8Array, undefined> | undefined => {
    const chunk = waiting.shift();
    if (chunk !== undefined) {
      waitingBytes -= chunk.length;
      if (waitingBytes === 0 && stream.isPaused()) stream.resume();
      return { done: false, value: chunk };
    }
    if (outcome === undefined) return undefined;
    if ('failure' in outcome) throw outcome.failure;
    return { done: true, value: undefined };
  };
  return {
    async next() {
      for (let result = take(); ; result = take()) {
        if (result !== undefined) return result;
        attempt.wait();
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async return() {
      waiting.length = 0;
      finish({});
      stream.destroy();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function cutShort(): Error {
  return Object.assign(new Error('the answer was cut'), { code: 'ECONNRESET' });
}
