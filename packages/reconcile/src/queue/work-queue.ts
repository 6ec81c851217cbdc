import type { Clock, Timer } from '@fairway/host';
import { DelayHeap } from './delay-heap.ts';
import { type RateLimiter, exponentialLimiter } from './rate-limiter.ts';

/**
 * Keys that wait for work. A key waits once, however often it is added, and is never worked on twice
 * at the same time: added while somebody works on it, it comes again after that.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #limiter: RateLimiter;
  /** Wanted, in order. A key that is being worked on is wanted here and waits nowhere. */
  readonly #dirty = new Set<string>();
  /** In order; what stands before `#taken` has been taken. */
  #ready: (string | undefined)[] = [];
  #taken = 0;
  readonly #processing = new Set<string>();
  readonly #delayed = new DelayHeap();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #alarm: { readonly dueMs: number; readonly timer: Timer } | undefined;
  #isClosed = false;

  constructor({ clock, limiter }: { readonly clock: Clock; readonly limiter?: RateLimiter }) {
    this.#clock = clock;
    this.#limiter = limiter ?? exponentialLimiter();
  }

  /** Keys that could be taken now. */
  get size(): number {
    return this.#ready.length - this.#taken;
  }

  add(key: string): void {
    if (this.#isClosed || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    if (!this.#processing.has(key)) this.#offer(key);
  }

  /** Adds a key later; sooner if it was to come later still. */
  addAfter(key: string, delayMs: number): void {
    if (delayMs <= 0) return this.add(key);
    if (this.#isClosed) return;
    this.#delayed.add(key, this.#clock.elapsed() + delayMs);
    this.#setAlarm();
  }

  /** Adds a key that failed, after the delay that its failures have earned. */
  addRateLimited(key: string): void {
    this.addAfter(key, this.#limiter.delayMs(key));
  }

  /** A key has succeeded: its failures count no more. */
  forget(key: string): void {
    this.#limiter.forget(key);
  }

  failures(key: string): number {
    return this.#limiter.failures(key);
  }

  /** The next key, which must be given back by `done`; undefined when the queue is closed. */
  take(): Promise<string | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    const key = this.#takeReady();
    if (key === undefined) return new Promise((resolve) => this.#takers.push(resolve));
    this.#begin(key);
    return Promise.resolve(key);
  }

  /** Somebody has finished with a key. */
  done(key: string): void {
    this.#processing.delete(key);
    if (this.#dirty.has(key) && !this.#isClosed) this.#offer(key);
  }

  /** Ends the work: nothing can be added or taken any more. */
  close(): void {
    this.#isClosed = true;
    this.#alarm?.timer.cancel();
    this.#ready = [];
    this.#taken = 0;
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #offer(key: string): void {
    const taker = this.#takers.shift();
    if (taker === undefined) {
      this.#ready.push(key);
      return;
    }
    this.#begin(key);
    taker(key);
  }

  // Not `shift`, which moves all that is left of a long queue.
  #takeReady(): string | undefined {
    if (this.size === 0) return undefined;
    const key = this.#ready[this.#taken];
    this.#ready[this.#taken++] = undefined;
    if (this.#taken * 2 >= this.#ready.length) {
      this.#ready = this.#ready.slice(this.#taken);
      this.#taken = 0;
    }
    return key;
  }

  #begin(key: string): void {
    this.#processing.add(key);
    this.#dirty.delete(key);
  }

  #setAlarm(): void {
    const dueMs = this.#delayed.nextDueMs;
    if (dueMs === this.#alarm?.dueMs || this.#isClosed) return;
    this.#alarm?.timer.cancel();
    this.#alarm = undefined;
    if (dueMs === undefined) return;
    const timer = this.#clock.schedule(dueMs - this.#clock.elapsed(), () => this.#ring());
    this.#alarm = { dueMs, timer };
  }

  #ring(): void {
    this.#alarm = undefined;
    // A timer of the machine may come a moment before its time.
    const nowMs = this.#clock.elapsed() + 1;
    for (let key = this.#delayed.takeDue(nowMs); key !== undefined;) {
      this.add(key);
      key = this.#delayed.takeDue(nowMs);
    }
    this.#setAlarm();
  }
}
