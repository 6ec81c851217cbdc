import type { Clock } from '@fairway/host';

export interface KeptBytesOptions<Item> {
  readonly clock: Clock;
  readonly bytesMax: number;
  /** How long an unused item is kept. */
  readonly idleMs: number;
  /** Called for each item that must be let go of. */
  readonly onDrop: (item: Item) => void;
}

interface Kept {
  bytes: number;
  usedMs: number;
}

/**
 * The books of a cache: what it keeps, how many bytes that is, and who used it last.
 *
 * Beyond its bytes, and after a while without use, it lets go: of the least recently used first.
 */
export class KeptBytes<Item> {
  readonly #options: KeptBytesOptions<Item>;
  // The least recently used first.
  readonly #items = new Map<Item, Kept>();
  #bytes = 0;
  #isSweepDue = false;

  constructor(options: KeptBytesOptions<Item>) {
    this.#options = options;
  }

  /** How many bytes are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts an item, or more bytes of one that is counted already. */
  add(item: Item, bytes: number): void {
    const { clock, bytesMax, idleMs } = this.#options;
    const known = this.#items.get(item);
    if (known !== undefined) known.bytes += bytes;
    else this.#items.set(item, { bytes, usedMs: clock.elapsed() });
    this.#bytes += bytes;
    for (const oldest of this.#items.keys()) {
      if (this.#bytes <= bytesMax) break;
      this.drop(oldest);
    }
    if (this.#items.size > 0) this.#sweepIn(idleMs);
  }

  /** Says that an item is in use. */
  touch(item: Item): void {
    const kept = this.#items.get(item);
    if (kept === undefined) return;
    kept.usedMs = this.#options.clock.elapsed();
    this.#items.delete(item);
    this.#items.set(item, kept);
  }

  drop(item: Item): void {
    const kept = this.#items.get(item);
    if (kept === undefined) return;
    this.#items.delete(item);
    this.#bytes -= kept.bytes;
    this.#options.onDrop(item);
  }

  #sweepIn(delayMs: number): void {
    if (this.#isSweepDue) return;
    this.#isSweepDue = true;
    this.#options.clock.schedule(delayMs, () => {
      this.#isSweepDue = false;
      this.#dropIdle();
    });
  }

  #dropIdle(): void {
    const { clock, idleMs } = this.#options;
    for (const [item, { usedMs }] of this.#items) {
      const leftMs = usedMs + idleMs - clock.elapsed();
      if (leftMs > 0) return this.#sweepIn(leftMs);
      this.drop(item);
    }
  }
}
