import type { Clock, Timer } from '@fairway/host';
import type { AuditBackend, LostEvents } from './audit-backend.ts';
import type { AuditEvent } from './audit-event.ts';

export interface BatchOptions {
  /** Events that may wait; more are lost. */
  readonly bufferEventsMax: number;
  /** Events that are sent at once. */
  readonly batchEventsMax: number;
  /** How long the first event of a batch waits for others. */
  readonly batchWaitMs: number;
  /** How many batches are sent a second, and how many at once; absent: as many as there are. */
  readonly throttle?: { readonly perSecond: number; readonly burst: number };
  /** How many batches are on their way at the same time. */
  readonly sendingMax: number;
}

export interface BatchParts {
  readonly clock: Clock;
  /** The name under which lost events count. */
  readonly plugin: string;
  readonly lostEvents: LostEvents;
  /** Errors: whatever; the events are lost. */
  readonly send: (events: readonly AuditEvent[]) => Promise<void>;
  /** Lets go of what it sends to, after the last batch. */
  readonly close: () => Promise<void>;
}

/** Gathers events and sends them on in batches; no request waits for that. */
export class BatchedEvents implements AuditBackend {
  readonly #options: BatchOptions;
  readonly #parts: BatchParts;
  #waiting: AuditEvent[] = [];
  #timer: Timer | undefined;
  #isDue = false;
  #isClosing = false;
  readonly #sending = new Set<Promise<void>>();
  /** What may be sent now, in batches, and when that was counted. */
  #allowance: number;
  #countedMs: number;

  constructor(options: BatchOptions, parts: BatchParts) {
    this.#options = options;
    this.#parts = parts;
    this.#allowance = options.throttle?.burst ?? Infinity;
    this.#countedMs = parts.clock.elapsed();
  }

  take(event: AuditEvent): undefined {
    const { bufferEventsMax } = this.#options;
    if (this.#isClosing || this.#waiting.length >= bufferEventsMax) {
      const why = new Error(`${bufferEventsMax} events wait already`);
      this.#parts.lostEvents.lost(this.#parts.plugin, 1, why);
      return;
    }
    this.#waiting.push(event);
    this.#sendDue();
  }

  /** Sends what waits, without a throttle, and waits for the answers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#timer?.cancel();
    while (this.#waiting.length > 0) this.#sendBatch();
    await Promise.all(this.#sending);
    await this.#parts.close();
  }

  #sendDue(): void {
    const { batchEventsMax, sendingMax } = this.#options;
    while (this.#waiting.length >= batchEventsMax || (this.#isDue && this.#waiting.length > 0)) {
      if (this.#sending.size >= sendingMax) return;
      const waitMs = this.#throttleMs();
      if (waitMs > 0) return this.#wakeAfter(waitMs);
      this.#isDue = this.#waiting.length > batchEventsMax && this.#isDue;
      this.#sendBatch();
    }
    if (this.#waiting.length > 0) this.#wakeAfter(this.#options.batchWaitMs);
  }

  #wakeAfter(delayMs: number): void {
    this.#timer ??= this.#parts.clock.schedule(delayMs, () => {
      this.#timer = undefined;
      this.#isDue = true;
      this.#sendDue();
    });
  }

  /** How long the next batch has to wait; it is counted when that is not at all. */
  #throttleMs(): number {
    const { throttle } = this.#options;
    if (throttle === undefined) return 0;
    const nowMs = this.#parts.clock.elapsed();
    const gained = ((nowMs - this.#countedMs) / 1000) * throttle.perSecond;
    this.#allowance = Math.min(throttle.burst, this.#allowance + gained);
    this.#countedMs = nowMs;
    if (this.#allowance < 1) return Math.ceil(((1 - this.#allowance) / throttle.perSecond) * 1000);
    this.#allowance -= 1;
    return 0;
  }

  #sendBatch(): void {
    const { plugin, lostEvents, send } = this.#parts;
    const batch = this.#waiting.splice(0, this.#options.batchEventsMax);
    const sent = send(batch)
      .catch((error: unknown) => lostEvents.lost(plugin, batch.length, error))
      .finally(() => {
        this.#sending.delete(sent);
        if (!this.#isClosing) this.#sendDue();
      });
    this.#sending.add(sent);
  }
}
