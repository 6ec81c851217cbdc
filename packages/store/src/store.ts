/**
 * Ordered keys, one global revision, and a watch without gaps: all that a Kubernetes API needs of
 * its storage. Values are bytes; nothing here knows what is in them.
 *
 * Others may write to the same store: from one write of ours to the next the revision may grow by
 * any number. A revision is a moment, never a count. A store that keeps what it read before (in
 * front of a remote one, say) has to do what this contract says, and may rely on no more of the
 * store behind it; `docs/decisions/0018-revisions-are-moments.md` says how.
 *
 * Source: etcd v3 API (KV, Lease, Watch); the three transaction shapes are those of kube-apiserver.
 */
export interface Store {
  /** Reads one key. Errors: `FutureRevisionError`. */
  get(key: string, options?: ReadOptions): Promise<StoreEntry | undefined>;

  /**
   * Reads the keys of `range` in ascending order, all as of one revision.
   *
   * Shape: `entries.length <= limit`; `count` is how many keys the whole range holds; the revision
   * of the page is one that a watch can follow from without a gap.
   * Unit: `limit` counts entries; 0 means no limit. `revision` is exactly the one to read; 0 means
   * as `atLeast` says.
   * Errors: `CompactedError` for a revision too old, `FutureRevisionError` for one not yet reached.
   */
  list(range: KeyRange, options?: ListOptions): Promise<StorePage>;

  /**
   * Adds a key that must not exist. Resolves when the entry is as durable as this store gets; until
   * then nobody sees it. What it answers is never older than what anybody has seen.
   *
   * Errors: `StoreUnavailableError`; `RangeError` for a key that is empty or not well-formed.
   */
  create(key: string, value: Uint8Array, options?: WriteOptions): Promise<CreateOutcome>;

  /** Replaces a value, provided that the key is still at `expectedRevision`. */
  update(
    key: string,
    value: Uint8Array,
    expectedRevision: number,
    options?: WriteOptions,
  ): Promise<UpdateOutcome>;

  /** Removes a key, provided that it is still at `expectedRevision`. */
  delete(key: string, expectedRevision: number): Promise<DeleteOutcome>;

  /**
   * Every change of `range` after revision `after`, in commit order, without gap or repetition,
   * until `signal` aborts (then it ends) or the consumer leaves.
   *
   * Shape: batches of events; a batch may span revisions, and changes that share a revision are
   * never in two. A batch's revision says that everything up to it has been delivered; progress
   * batches say only that and carry no events. The watch begins with what is there after `after`, or
   * with a progress batch when there is nothing. An `after` not yet reached waits for what comes
   * after it. Watches of one range may get the very same batch object, so that what is made of it
   * can be kept for all.
   * Errors: `CompactedError` when `after` is too old; `SlowWatcherError` when the consumer fell too
   * far behind.
   */
  watch(range: KeyRange, after: number, signal: AbortSignal): AsyncIterable<WatchBatch>;

  /**
   * The newest revision, of whoever wrote it: every write that was acknowledged before the call is
   * at or before it. At least 1; never becomes less, also when the store is opened again.
   */
  currentRevision(): Promise<number>;

  /**
   * Resolves when reads of this store see everything up to `revision`. Rejects with the signal's
   * reason when it aborts before.
   *
   * Errors: `StoreUnavailableError` when the store closes.
   */
  reached(revision: number, signal: AbortSignal): Promise<void>;

  /**
   * Forgets what was overwritten or deleted before `revision`, which itself can still be listed and
   * watched from. Nothing happens when that is forgotten already.
   *
   * Errors: `FutureRevisionError`.
   */
  compact(revision: number): Promise<void>;

  /**
   * Why the store takes no writes now, in a few words; undefined while it does. It goes away by
   * itself once its cause is gone.
   */
  problem(): Promise<string | undefined>;

  /** Finishes the writes under way, ends the watches, and lets go of files and sockets. */
  close(): Promise<void>;
}

export interface ReadOptions {
  /**
   * The answer is as of this revision or a later one: a store may answer from what it has kept. 0
   * takes whatever there is. Unless told, the answer is as of now, whoever wrote last.
   */
  readonly atLeast?: number;
}

export interface ListOptions extends ReadOptions {
  readonly limit?: number;
  readonly revision?: number;
}

export interface WriteOptions {
  /**
   * After this time the store deletes the entry by itself, not before and soon afterwards, also when
   * it was closed meanwhile: an ordinary deletion, with a revision and an event. The next write of
   * the key decides anew. Unless told, the entry stays.
   */
  readonly timeToLiveMs?: number;
}

export interface StoreEntry {
  readonly key: string;
  /** What `stamp(value, revision)` made of the value that was written. */
  readonly value: Uint8Array;
  /** The revision that wrote this value. */
  readonly revision: number;
  /** The revision that created the key. */
  readonly createRevision: number;
  /** When the entry goes by itself, in milliseconds since 1970; absent when it stays. */
  readonly expiresAt?: number;
}

/** From `start` (in) to `end` (out), in the order of the keys' bytes in UTF-8. */
export interface KeyRange {
  readonly start: string;
  readonly end: string;
}

export interface StorePage {
  readonly revision: number;
  readonly entries: readonly StoreEntry[];
  readonly count: number;
}

export type CreateOutcome =
  | { readonly kind: 'created'; readonly entry: StoreEntry }
  | { readonly kind: 'exists'; readonly current: StoreEntry };

export type UpdateOutcome =
  | { readonly kind: 'updated'; readonly entry: StoreEntry }
  | { readonly kind: 'conflict'; readonly current: StoreEntry | undefined };

export type DeleteOutcome =
  /** `revision` is that of the deletion; `entry` is what was deleted. */
  | { readonly kind: 'deleted'; readonly revision: number; readonly entry: StoreEntry }
  | { readonly kind: 'conflict'; readonly current: StoreEntry | undefined };

export interface WatchBatch {
  readonly revision: number;
  readonly events: readonly StoreEvent[];
}

export type StoreEvent =
  | {
      readonly kind: 'put';
      readonly revision: number;
      readonly entry: StoreEntry;
      /** What the key held before; undefined when this created it. */
      readonly previous: StoreEntry | undefined;
    }
  | { readonly kind: 'delete'; readonly revision: number; readonly previous: StoreEntry };

/**
 * How a value learns its revision: called once, at commit by a store that assigns revisions itself,
 * on read by one that cannot.
 */
export type Stamp = (value: Uint8Array, revision: number) => Uint8Array;

export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  readonly revision: number;
  /** The oldest revision that can still be read. */
  readonly oldestRevision: number;

  constructor(revision: number, oldestRevision: number) {
    super(`revision ${revision} has been compacted; the oldest one kept is ${oldestRevision}`);
    this.revision = revision;
    this.oldestRevision = oldestRevision;
  }
}

export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError';
  readonly revision: number;
  readonly currentRevision: number;

  constructor(revision: number, currentRevision: number) {
    super(`revision ${revision} has not been reached; the current one is ${currentRevision}`);
    this.revision = revision;
    this.currentRevision = currentRevision;
  }
}

export class SlowWatcherError extends Error {
  override readonly name = 'SlowWatcherError';
}

/** The store itself cannot go on: its disk is full, its file is damaged, another process has it. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  /** What is wrong in a few words, for callers who need not know where the store lies. */
  readonly reason: string;

  constructor(message: string, { reason, cause }: { reason: string; cause?: unknown }) {
    super(message, { cause });
    this.reason = reason;
  }
}
