import { type Clock, type Timer, messageOf } from '@fairway/host';
import { type Committer, eventOf, type Write } from './committer.ts';
import { type Journal, JournalError } from './journal.ts';
import { keyOf, type RevisionedMap } from './revisioned-map.ts';
import { type Stamp, type StoreEvent, StoreUnavailableError } from './store.ts';

const batchWritesMax = 1_024;
const batchBytesMax = 8 * 1024 * 1024;
const writesWaitingMax = 50_000;
/** How soon after a failure is looked whether it is over; twice as long after each look. */
const recoveryDelayMs = 1_000;
const recoveryDelayMsMax = 30_000;

export interface GroupCommitOptions {
  readonly map: RevisionedMap;
  readonly stamp: Stamp;
  readonly publish: (event: StoreEvent) => void;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** What holds until the journal takes a commit again. */
interface Failure {
  readonly error: StoreUnavailableError;
  readonly refusesWrites: boolean;
  /** The batch that failed. */
  readonly events: readonly StoreEvent[];
  readonly nextLook: Timer;
  readonly delayMs: number;
}

interface WaitingWrite {
  readonly write: Write;
  readonly done: PromiseWithResolvers<StoreEvent>;
}

/**
 * Commits to a journal, all writes that came while the disk was busy in one go.
 *
 * A write gets its revision when its batch is handed to the journal, and is applied, published and
 * resolved once the journal has it: nobody ever sees what a crash could lose. The revisions of a
 * batch that failed were never visible, so the next batch takes them. A journal that is full is
 * offered every write, because a deletion may make room. After any other failure every write is
 * refused until the journal has recovered; reads and watches go on.
 */
export class GroupCommit implements Committer {
  readonly #options: GroupCommitOptions;
  readonly #pending = new Map<string, WaitingWrite>();
  #waiting: WaitingWrite[] = [];
  #run: Promise<void> | undefined;
  #failure: Failure | undefined;
  #isRecoveryDue = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  isPending(key: string): boolean {
    return this.#pending.has(key);
  }

  async settled(key: string): Promise<void> {
    const pending = this.#pending.get(key);
    if (pending !== undefined) await Promise.allSettled([pending.done.promise]);
  }

  async commit(write: Write): Promise<StoreEvent> {
    if (this.#failure?.refusesWrites === true) throw this.#failure.error;
    if (this.#waiting.length >= writesWaitingMax) throw tooManyWaiting();
    const waiting = { write, done: Promise.withResolvers<StoreEvent>() };
    this.#waiting.push(waiting);
    this.#pending.set(write.key, waiting);
    this.#run ??= this.#commitWaiting();
    return waiting.done.promise;
  }

  problem(): StoreUnavailableError | undefined {
    return this.#failure?.error;
  }

  async close(): Promise<void> {
    this.#failure?.nextLook.cancel();
    await this.#run;
    this.#failure?.nextLook.cancel();
    try {
      await this.#options.journal.close();
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #commitWaiting(): Promise<void> {
    // The writes of one turn of the event loop belong together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    try {
      while (this.#waiting.length > 0 || this.#isRecoveryDue) {
        if (this.#isRecoveryDue) await this.#recover();
        else await this.#commitBatch();
      }
    } finally {
      this.#run = undefined;
    }
  }

  async #commitBatch(): Promise<void> {
    const { batch, events } = this.#takeBatch();
    if (batch.length === 0) return;
    try {
      await this.#options.journal.commit(events);
    } catch (error) {
      this.#reject(batch, events, error);
      return;
    }
    this.#noteSuccess(events);
    for (const event of events) {
      this.#options.map.apply(event);
      this.#options.publish(event);
    }
    for (const [index, { write, done }] of batch.entries()) {
      this.#pending.delete(write.key);
      done.resolve(events[index] as StoreEvent);
    }
  }

  #takeBatch(): { batch: WaitingWrite[]; events: StoreEvent[] } {
    const { map, stamp } = this.#options;
    const batch: WaitingWrite[] = [];
    const events: StoreEvent[] = [];
    let bytes = 0;
    let taken = 0;
    for (const waiting of this.#waiting) {
      if (batch.length === batchWritesMax || bytes > batchBytesMax) break;
      taken++;
      try {
        const event = eventOf(waiting.write, map.revision + 1 + events.length, stamp);
        bytes += event.kind === 'put' ? event.entry.value.length : 0;
        events.push(event);
        batch.push(waiting);
      } catch (error) {
        // The stamp refused the value: that is this writer's failure alone.
        this.#pending.delete(waiting.write.key);
        waiting.done.reject(error);
      }
    }
    this.#waiting = this.#waiting.slice(taken);
    return { batch, events };
  }

  #reject(batch: readonly WaitingWrite[], events: readonly StoreEvent[], cause: unknown): void {
    const failure = this.#beginFailure(events, cause, recoveryDelayMs);
    const refused = [...batch];
    if (failure.refusesWrites) {
      refused.push(...this.#waiting);
      this.#waiting = [];
    }
    for (const { write, done } of refused) {
      this.#pending.delete(write.key);
      done.reject(failure.error);
    }
  }

  #beginFailure(events: readonly StoreEvent[], cause: unknown, delayMs: number): Failure {
    this.#failure?.nextLook.cancel();
    const nextLook = this.#options.clock.schedule(delayMs, () => {
      this.#isRecoveryDue = true;
      this.#run ??= this.#commitWaiting();
    });
    // An error that no journal announces says nothing about the file: trust it no longer.
    const refusesWrites = !(cause instanceof JournalError) || cause.kind !== 'full';
    this.#failure = { error: unavailable(cause), refusesWrites, events, nextLook, delayMs };
    return this.#failure;
  }

  // Where a small write fits, the one that failed may still not.
  #noteSuccess(events: readonly StoreEvent[]): void {
    if (this.#failure === undefined) return;
    if (sizeOf(events) >= sizeOf(this.#failure.events)) this.#endFailure();
  }

  #endFailure(): void {
    this.#failure?.nextLook.cancel();
    this.#failure = undefined;
  }

  async #recover(): Promise<void> {
    this.#isRecoveryDue = false;
    if (this.#failure === undefined) return;
    const { events, delayMs } = this.#failure;
    const { map, journal } = this.#options;
    const keys = new Map(events.map(keyOf).map((key) => [key, map.get(key)]));
    try {
      await journal.recover({ revision: map.revision, keys, sizeBytes: sizeOf(events) });
    } catch (error) {
      this.#beginFailure(events, error, Math.min(2 * delayMs, recoveryDelayMsMax));
      return;
    }
    this.#endFailure();
  }
}

function sizeOf(events: readonly StoreEvent[]): number {
  return events.reduce(
    (sum, event) => sum + (event.kind === 'put' ? event.entry.value.length : 0),
    0,
  );
}

function tooManyWaiting(): StoreUnavailableError {
  return new StoreUnavailableError(
    `the disk does not keep up: ${writesWaitingMax} writes wait for it already; try again later`,
    { reason: 'the disk does not keep up with the writes' },
  );
}

/** What callers of a store get to know of a failure of its journal. */
export function unavailable(cause: unknown): StoreUnavailableError {
  const reason = cause instanceof JournalError ? cause.reason : 'its file failed';
  const message = messageOf(cause);
  return new StoreUnavailableError(message, { reason, cause });
}
