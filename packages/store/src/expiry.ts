import type { Clock, Timer } from '@fairway/host';
import { OrderedMap } from './ordered-map.ts';
import type { StoreEntry, WriteOptions } from './store.ts';

/** How many entries are removed at once; the next ones follow after a pause. */
const sweepEntriesMax = 1_000;
const sweepPauseMs = 1_000;
/** The wall clock may jump without notice. */
const sweepPauseMsMax = 60_000;

export interface ExpiryOptions {
  /** Absent: no entry has a time to live. */
  readonly clock: Clock | undefined;
  /** Removes an entry, unless it has changed. When that fails, it is tried again. */
  readonly remove: (entry: StoreEntry) => Promise<void>;
}

/** Removes entries whose time has come, soon after it. */
export class Expiry {
  readonly #options: ExpiryOptions;
  // By time, then key.
  readonly #entries = new OrderedMap<StoreEntry>();
  #timer: { readonly timer: Timer; readonly dueMs: number } | undefined;
  #isSweeping = false;

  constructor(options: ExpiryOptions) {
    this.#options = options;
  }

  /**
   * When an entry that is written now goes; undefined when it stays.
   *
   * Errors: `RangeError` for a time to live that is none, `TypeError` for one without a clock.
   */
  timeFor({ timeToLiveMs }: WriteOptions = {}): number | undefined {
    if (timeToLiveMs === undefined) return undefined;
    const { clock } = this.#options;
    if (clock === undefined) throw new TypeError('a store without a clock knows no time to live');
    const expiresAt = Math.ceil(clock.now() + timeToLiveMs);
    if (timeToLiveMs > 0 && Number.isSafeInteger(expiresAt)) return expiresAt;
    throw new RangeError(`not a time to live: ${timeToLiveMs} ms`);
  }

  add(entry: StoreEntry): void {
    if (entry.expiresAt === undefined) return;
    this.#entries.set(place(entry.expiresAt, entry.key), entry);
    this.#schedule();
  }

  forget({ key, expiresAt }: StoreEntry): void {
    if (expiresAt !== undefined) this.#entries.delete(place(expiresAt, key));
  }

  #schedule(): void {
    const { clock } = this.#options;
    const [first] = this.#entries.take(everything, 1);
    if (clock === undefined || first?.expiresAt === undefined) return;
    if (this.#isSweeping) return;
    if (this.#timer !== undefined && this.#timer.dueMs <= first.expiresAt) return;
    this.#timer?.timer.cancel();
    const dueInMs = first.expiresAt - clock.now();
    const delayMs = Math.min(Math.max(dueInMs, sweepPauseMs), sweepPauseMsMax);
    const timer = clock.schedule(delayMs, () => void this.#sweep(clock));
    this.#timer = { timer, dueMs: first.expiresAt };
  }

  async #sweep(clock: Clock): Promise<void> {
    this.#timer = undefined;
    this.#isSweeping = true;
    const due = { start: '', end: place(Math.floor(clock.now()) + 1, '') };
    const entries = this.#entries.take(due, sweepEntriesMax);
    // An entry that cannot be removed now is tried again the next time.
    await Promise.allSettled(entries.map((entry) => this.#options.remove(entry)));
    this.#isSweeping = false;
    this.#schedule();
  }
}

const everything = { start: '', end: ':' };

// The digits keep their number for some ten thousand years.
function place(expiresAt: number, key: string): string {
  return `${String(expiresAt).padStart(16, '0')}${key}`;
}
