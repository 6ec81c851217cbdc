import { type Committer, eventOf, type Write } from './committer.ts';
import { type Journal, JournalError } from './journal.ts';
import type { RevisionedMap } from './revisioned-map.ts';
import { type Stamp, type StoreEvent, StoreUnavailableError } from './store.ts';

const batchWritesMax = 1_024;
const batchBytesMax = 8 * 1024 * 1024;
const writesWaitingMax = 50_000;

export interface GroupCommitOptions {
  readonly map: RevisionedMap;
  readonly stamp: Stamp;
  readonly publish: (event: StoreEvent) => void;
  readonly journal: Journal;
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
 * batch that failed were shown to nobody, so the next batch takes them. After a final failure of
 * the journal every write is refused; reads and watches go on.
 */
export class GroupCommit implements Committer {
  readonly #options: GroupCommitOptions;
  readonly #pending = new Map<string, WaitingWrite>();
  #waiting: WaitingWrite[] = [];
  #run: Promise<void> | undefined;
  #failure: StoreUnavailableError | undefined;

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
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#waiting.length >= writesWaitingMax) {
      throw new StoreUnavailableError(
        `the disk does not keep up: ${writesWaitingMax} writes wait for it already; try again later`,
      );
    }
    const waiting = { write, done: Promise.withResolvers<StoreEvent>() };
    this.#waiting.push(waiting);
    this.#pending.set(write.key, waiting);
    this.#run ??= this.#commitWaiting();
    return waiting.done.promise;
  }

  async close(): Promise<void> {
    await this.#run;
    try {
      await this.#options.journal.close();
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #commitWaiting(): Promise<void> {
    // The writes of one turn of the event loop belong together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commitBatch();
    this.#run = undefined;
  }

  async #commitBatch(): Promise<void> {
    const { batch, events } = this.#takeBatch();
    if (batch.length === 0) return;
    try {
      await this.#options.journal.commit(events);
    } catch (error) {
      this.#reject(batch, error);
      return;
    }
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

  #reject(batch: readonly WaitingWrite[], cause: unknown): void {
    const failure = unavailable(cause);
    const refused = [...batch];
    // An error that no journal announces says nothing about the file: trust it no longer.
    if (!(cause instanceof JournalError) || cause.isFinal) {
      this.#failure = failure;
      refused.push(...this.#waiting);
      this.#waiting = [];
    }
    for (const { write, done } of refused) {
      this.#pending.delete(write.key);
      done.reject(failure);
    }
  }
}

function unavailable(cause: unknown): StoreUnavailableError {
  return new StoreUnavailableError(cause instanceof Error ? cause.message : String(cause), {
    cause,
  });
}
