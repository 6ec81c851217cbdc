/**
 * Ordered keys, one global revision, and a watch without gaps: all that a Kubernetes API needs of
 * its storage. Values are bytes; nothing here knows what is in them.
 *
 * Source: etcd v3 API (KV, Watch); the three transaction shapes are those of kube-apiserver.
 */
export interface Store {
  /** Reads one key as of now. */
  get(key: string): Promise<StoreEntry | undefined>;

  /**
   * Reads the keys of `range` in ascending order, all as of one revision.
   *
   * Shape: `entries.length <= limit`; `count` is how many keys the whole range holds.
   * Unit: `limit` counts entries; 0 means no limit. `revision` 0 means now.
   * Errors: `CompactedError` for a revision too old, `FutureRevisionError` for one not yet reached.
   */
  list(range: KeyRange, options?: { limit?: number; revision?: number }): Promise<StorePage>;

  /**
   * Adds a key that must not exist. Resolves when the entry is as durable as this store gets; until
   * then nobody sees it.
   *
   * Errors: `StoreUnavailableError`; `RangeError` for a key that is empty or not well-formed.
   */
  create(key: string, value: Uint8Array): Promise<CreateOutcome>;

  /** Replaces a value, provided that the key is still at `expectedRevision`. */
  update(key: string, value: Uint8Array, expectedRevision: number): Promise<UpdateOutcome>;

  /** Removes a key, provided that it is still at `expectedRevision`. */
  delete(key: string, expectedRevision: number): Promise<DeleteOutcome>;

  /**
   * Every change of `range` after revision `after`, in commit order, without gap or repetition,
   * until `signal` aborts (then it ends) or the consumer leaves.
   *
   * Shape: batches of events; a batch may span revisions. A batch's revision says that everything
   * up to it has been delivered; progress batches say only that and carry no events. The watch
   * begins with what is there after `after`, or with a progress batch when there is nothing. An
   * `after` not yet reached waits for what comes after it. Watches of one range may get the very
   * same batch object, so that what is made of it can be kept for all.
   * Errors: `CompactedError` when `after` is too old, or what came after it is forgotten before the
   * consumer has read it; `SlowWatcherError` when the consumer fell more than `watcherEventsMax` or
   * `watcherBytesMax` behind, or all together more than `watchersBytesMax` and this one most.
   */
  watch(range: KeyRange, after: number, signal: AbortSignal): AsyncIterable<WatchBatch>;

  /** The newest revision. At least 1; grows by one with every write; never comes again. */
  currentRevision(): Promise<number>;

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

/** From `start` (in) to `end` (out), in the order of UTF-16 code units. */
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
