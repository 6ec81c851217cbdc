import type { IncomingMessage } from 'node:http';
import type { Clock } from '@fairway/host';
import { BackendError } from './backend-error.ts';

/**
 * The bytes of an answer, at the pace of their reader; leaving early closes the connection.
 *
 * Errors: `BackendError` when the backend sends nothing for too long, or less than it has said.
 */
export class AnswerBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #incoming: IncomingMessage;
  readonly #clock: Clock;
  readonly #stallTimeoutMs: number;

  constructor(
    incoming: IncomingMessage,
    { clock, stallTimeoutMs }: { readonly clock: Clock; readonly stallTimeoutMs: number },
  ) {
    this.#incoming = incoming;
    this.#clock = clock;
    this.#stallTimeoutMs = stallTimeoutMs;
    // Whoever reads hears of it by `complete`.
    incoming.on('error', () => {});
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const incoming = this.#incoming;
    for (;;) {
      const chunk = incoming.read() as Buffer | null;
      if (chunk !== null) return { done: false, value: chunk };
      if (incoming.readableEnded || incoming.destroyed) {
        if (incoming.complete) return { done: true, value: undefined };
        throw new BackendError('broken', 'the answer ended before its end');
      }
      await this.#more();
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#incoming.complete) this.#incoming.destroy();
    else this.#incoming.resume();
    return { done: true, value: undefined };
  }

  /** Resolves when there is something to read, or nothing can come any more. */
  #more(): Promise<void> {
    const incoming = this.#incoming;
    return new Promise((resolve, reject) => {
      const timer = this.#clock.schedule(this.#stallTimeoutMs, () => {
        settle();
        incoming.destroy();
        const within = `within ${this.#stallTimeoutMs / 1000} s`;
        reject(new BackendError('slow', `no more of the answer came ${within}`));
      });
      const settle = (): void => {
        timer.cancel();
        for (const event of events) incoming.off(event, onEvent);
      };
      const onEvent = (): void => {
        settle();
        resolve();
      };
      for (const event of events) incoming.on(event, onEvent);
    });
  }
}

const events = ['readable', 'end', 'close'] as const;
