import type { Attempt } from './attempt.ts';

/** So much may wait for the consumer of an answer, unless `ConnectionLimits` say otherwise. */
const waitingBytesMaxByDefault = 256 * 1024;

/** Where the bytes of an answer come from. */
export interface BodySource {
  /** Holds the server back, until `resume`. */
  pause(): void;
  resume(): void;
  /** Nobody wants the rest. */
  leave(): void;
}

/** The bytes of an answer, at the pace of their consumer. Leaving early lets the source know. */
export class AnswerBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: BodySource;
  readonly #attempt: Attempt;
  readonly #waitingBytesMax: number;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #outcome: { readonly failure?: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(
    source: BodySource,
    attempt: Attempt,
    { waitingBytesMax = waitingBytesMaxByDefault }: { waitingBytesMax?: number | undefined } = {},
  ) {
    this.#source = source;
    this.#attempt = attempt;
    this.#waitingBytesMax = waitingBytesMax;
  }

  get isOver(): boolean {
    return this.#outcome !== undefined;
  }

  push(chunk: Uint8Array): void {
    if (this.#outcome !== undefined) return;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > this.#waitingBytesMax && !this.#isPaused) {
      this.#isPaused = true;
      this.#source.pause();
    }
    this.#wake?.();
  }

  /** All of it has come. */
  end(): void {
    this.#finish({});
  }

  /** What has come is still handed out, then this is thrown. */
  fail(failure: unknown): void {
    this.#finish({ failure });
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (let result = this.#take(); ; result = this.#take()) {
      if (result !== undefined) return result;
      this.#attempt.wait();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#waiting.length = 0;
    const isOver = this.#outcome !== undefined;
    this.#finish({});
    if (!isOver) this.#source.leave();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(outcome: { readonly failure?: unknown }): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#attempt.end();
    this.#wake?.();
  }

  #take(): IteratorResult<Uint8Array, undefined> | undefined {
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) {
      this.#waitingBytes -= chunk.length;
      if (this.#waitingBytes === 0 && this.#isPaused) {
        this.#isPaused = false;
        if (this.#outcome === undefined) this.#source.resume();
      }
      return { done: false, value: chunk };
    }
    if (this.#outcome === undefined) return undefined;
    if ('failure' in this.#outcome) throw this.#outcome.failure;
    return { done: true, value: undefined };
  }
}
