import type { Clock, Timer } from '@fairway/host';

export interface UnreadBytesOptions {
  readonly clock: Clock;
  /** How much may wait for readers that are slow, all of them together. */
  readonly unreadBytesMax: number;
}

/** Who has not taken anything for so long counts as slow. */
const slowAfterMs = 1_000;

interface Held {
  readonly bytes: number;
  readonly sinceMs: number;
  readonly cut: () => void;
}

/**
 * What was handed to connections and has not been taken by their readers yet.
 *
 * Each reader's share is counted, also of bytes that several get, because encryption makes a copy
 * for each. When all together hold too much, the slow ones are cut, those that have waited longest
 * first; who reads is left alone.
 */
export class UnreadBytes {
  readonly #options: UnreadBytesOptions;
  // In the order in which they began to wait.
  readonly #held = new Set<Held>();
  #bytes = 0;
  #check: Timer | undefined;

  constructor(options: UnreadBytesOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts bytes until the result is called; `cut` ends the connection that they wait on. */
  hold(bytes: number, cut: () => void): () => void {
    const held = { bytes, cut, sinceMs: this.#options.clock.elapsed() };
    this.#held.add(held);
    this.#bytes += bytes;
    if (this.#bytes > this.#options.unreadBytesMax) this.#cutSlow();
    return () => this.#release(held);
  }

  #cutSlow(): void {
    const { clock, unreadBytesMax } = this.#options;
    this.#check?.cancel();
    this.#check = undefined;
    for (const held of this.#held) {
      if (this.#bytes <= unreadBytesMax) return;
      const waitMs = held.sinceMs + slowAfterMs - clock.elapsed();
      if (waitMs > 0) {
        this.#check = clock.schedule(waitMs, () => this.#cutSlow());
        return;
      }
      this.#release(held);
      held.cut();
    }
  }

  #release(held: Held): void {
    if (this.#held.delete(held)) this.#bytes -= held.bytes;
  }
}
