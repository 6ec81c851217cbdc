import type { Readable } from 'node:stream';
import { AnswerBody } from './answer-body.ts';
import type { Attempt } from './attempt.ts';
import { explainFailure } from './explain-failure.ts';

/** What the reader of a stream needs to know about it. */
export interface StreamFacts {
  readonly server: string;
  readonly attempt: Attempt;
  /** True when the end that a stream came to is not the end of the message. */
  readonly isCut: () => boolean;
  readonly onChunk: () => void;
}

/**
 * The bytes of an answer, at the pace of their consumer. Leaving early lets the connection know.
 *
 * Reads from the first moment, because Node.js discards an HTTP/2 stream that was complete before
 * reading began.
 */
export function readStream(stream: Readable, facts: StreamFacts): AnswerBody {
  const { attempt, server } = facts;
  const { signal } = attempt;
  const body = new AnswerBody(
    {
      pause: () => stream.pause(),
      resume: () => stream.resume(),
      leave: () => void stream.destroy(),
    },
    attempt,
  );
  const fail = (cause: unknown): void => {
    // An error takes longer to make than all else here.
    if (body.isOver) return;
    body.fail(signal.aborted ? signal.reason : explainFailure(cause, { server }));
  };
  const onAbort = (): void => {
    fail(signal.reason);
    stream.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  stream.on('data', (chunk: Uint8Array) => {
    attempt.heard();
    facts.onChunk();
    body.push(chunk);
  });
  stream.once('end', () => (facts.isCut() ? fail(cutShort()) : body.end()));
  stream.on('error', fail);
  stream.once('close', () => {
    signal.removeEventListener('abort', onAbort);
    if (!body.isOver) fail(cutShort());
  });
  return body;
}

/** The connection ended before the answer did. */
export function cutShort(): Error {
  return Object.assign(new Error('the answer was cut'), { code: 'ECONNRESET' });
}
