import type { Clock } from '@fairway/host';
import { PastSlabs } from './past-slabs.ts';
import { CompactedError, type StoreEvent } from './store.ts';

export interface RevisionLogBounds {
  /** How many changes are remembered. */
  readonly historyEventsMax: number;
  /** How many bytes of overwritten and deleted values are kept alive for them. */
  readonly historyBytesMax: number;
  /** How many of these bytes may be older than a minute or two. */
  readonly oldHistoryBytesMax: number;
}

/** For so long a client that was cut off can go on where it was, however much happens. */
const freshMs = 60_000;

/**
 * The changes since the oldest revision that can still be read.
 *
 * It is all the history that there is: a watch from the past replays it, a list as of the past
 * undoes it. Whatever exceeds the bounds is forgotten, oldest first.
 */
export class RevisionLog {
  readonly #bounds: RevisionLogBounds;
  readonly #clock: Clock | undefined;
  /** Those that are forgotten leave a hole until the array is cut. */
  #events: (StoreEvent | undefined)[] = [];
  #forgotten = 0;
  readonly #slabs = new PastSlabs();
  #bytes = 0;
  #oldestRevision: number;
  /** What came up to it was there at the last look already. */
  #seenRevision = 0;
  #isLookDue = false;

  /** Without a clock the age of a change makes no difference. */
  constructor(oldestRevision: number, bounds: RevisionLogBounds, clock?: Clock) {
    this.#oldestRevision = oldestRevision;
    this.#bounds = bounds;
    this.#clock = clock;
  }

  get oldestRevision(): number {
    return this.#oldestRevision;
  }

  append(event: StoreEvent): void {
    this.#events.push(this.#withOwnPast(event));
    this.#bytes += historyBytes(event);
    while (
      this.#events.length - this.#forgotten > this.#bounds.historyEventsMax ||
      this.#bytes > this.#bounds.historyBytesMax
    ) {
      this.#forgetOldest();
    }
    this.#reclaim();
    if (this.#bytes > this.#bounds.oldHistoryBytesMax) this.#scheduleLook();
  }

  /** Errors: `CompactedError` when changes after `revision` are forgotten. */
  assertKept(revision: number): void {
    if (revision < this.#oldestRevision) throw new CompactedError(revision, this.#oldestRevision);
  }

  /** The changes after `revision`, in order. Errors: `CompactedError` when some are forgotten. */
  *after(revision: number): Generator<StoreEvent> {
    this.assertKept(revision);
    for (let at = this.#firstAfter(revision); at < this.#events.length; at++)
      yield this.#events[at] as StoreEvent;
  }

  compact(revision: number): void {
    const end = this.#firstAfter(revision);
    while (this.#forgotten < end) this.#forgetOldest();
    this.#oldestRevision = Math.max(this.#oldestRevision, revision);
    this.#reclaim();
  }

  // What it replaced is past from now on, also in the change that wrote it.
  #withOwnPast(event: StoreEvent): StoreEvent {
    const { previous } = event;
    if (previous === undefined) return event;
    const past = { ...previous, value: this.#slabs.copy(previous.value) };
    const at = this.#firstAfter(previous.revision - 1);
    const written = this.#events[at];
    if (written?.kind === 'put' && written.entry === previous) {
      this.#events[at] = { ...written, entry: past };
    }
    return { ...event, previous: past };
  }

  // Where the first change after `revision` stands: between two there may be any number.
  #firstAfter(revision: number): number {
    let low = this.#forgotten;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forgetOldest(): void {
    const event = this.#events[this.#forgotten];
    if (event === undefined) return;
    this.#bytes -= historyBytes(event);
    this.#oldestRevision = event.revision;
    this.#events[this.#forgotten] = undefined;
    this.#forgotten++;
  }

  #scheduleLook(): void {
    if (this.#isLookDue || this.#clock === undefined) return;
    this.#isLookDue = true;
    this.#clock.schedule(freshMs, () => {
      this.#isLookDue = false;
      this.#forgetOld();
    });
  }

  #forgetOld(): void {
    const { oldHistoryBytesMax } = this.#bounds;
    while (this.#bytes > oldHistoryBytesMax && this.#oldestRevision < this.#seenRevision) {
      this.#forgetOldest();
    }
    this.#reclaim();
    this.#seenRevision = this.#events.at(-1)?.revision ?? this.#oldestRevision;
    if (this.#bytes > oldHistoryBytesMax) this.#scheduleLook();
  }

  // The front of an array is dear to remove: let go of it only once it is half of the whole.
  #reclaim(): void {
    if (this.#forgotten * 2 < this.#events.length) return;
    this.#events = this.#events.slice(this.#forgotten);
    this.#forgotten = 0;
  }
}

function historyBytes(event: StoreEvent): number {
  return event.previous?.value.length ?? 0;
}
