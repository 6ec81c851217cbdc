/**
 * A queue of bytes between one receiver and one reader, in order.
 *
 * The receiver awaits `room()` before it takes more from the wire; so a slow reader holds back the
 * sender. A reader who leaves early gets nothing more and holds nobody back.
 */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #bytesMax: number;
  readonly #onTaken: (count: number) => void;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #outcome: { readonly failure?: unknown } | undefined;
  #isAbandoned = false;
  #wakeReader: (() => void) | undefined;
  #wakeReceivers: (() => void)[] = [];

  /** `bytesMax`: from here on `room()` waits. `onTaken`: so many bytes have left the queue. */
  constructor(options: { readonly bytesMax: number; readonly onTaken?: (count: number) => void }) {
    this.#bytesMax = options.bytesMax;
    this.#onTaken = options.onTaken ?? ((): void => {});
  }

  /** Adds bytes; they belong to the reader from now on. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#outcome !== undefined) return;
    if (this.#isAbandoned) return this.#onTaken(bytes.length);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#wakeReader?.();
  }

  /** No more bytes will come. */
  end(): void {
    this.#finish({});
  }

  /** The reader gets what came before, then this error. */
  fail(failure: unknown): void {
    this.#finish({ failure });
  }

  /** Resolves as soon as fewer bytes wait than the bound. */
  async room(): Promise<void> {
    while (this.#waitingBytes >= this.#bytesMax && this.#outcome === undefined) {
      await new Promise<void>((resolve) => this.#wakeReceivers.push(resolve));
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.#abandon();
        return { done: true, value: undefined };
      },
    };
  }

  #finish(outcome: { readonly failure?: unknown }): void {
    this.#outcome ??= outcome;
    this.#wakeReader?.();
    this.#release();
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const bytes = this.#waiting.shift();
      if (bytes !== undefined) {
        this.#taken(bytes.length);
        return { done: false, value: bytes };
      }
      if (this.#isAbandoned) return { done: true, value: undefined };
      if (this.#outcome !== undefined) {
        if ('failure' in this.#outcome) throw this.#outcome.failure;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }

  #abandon(): void {
    this.#isAbandoned = true;
    this.#waiting.length = 0;
    this.#taken(this.#waitingBytes);
    this.#wakeReader?.();
  }

  #taken(count: number): void {
    this.#waitingBytes -= count;
    if (count > 0) this.#onTaken(count);
    if (this.#waitingBytes < this.#bytesMax) this.#release();
  }

  #release(): void {
    const waiting = this.#wakeReceivers;
    this.#wakeReceivers = [];
    for (const wake of waiting) wake();
  }
}
