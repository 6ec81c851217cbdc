import type { StoreEntry, StoreEvent } from './store.ts';

/** Where committed changes outlive the process. One call at a time. */
export interface Journal {
  /**
   * Resolves when the changes will be found again after a crash, all of them.
   *
   * Errors: `JournalError`; then none of them will be, unless the journal has to be recovered.
   */
  commit(events: readonly StoreEvent[]): Promise<void>;
  /**
   * Makes the journal hold what it held before a commit failed, and proves that it can be written.
   *
   * Errors: `JournalError` while the cause lasts.
   */
  recover(lost: LostCommit): Promise<void>;
  close(): Promise<void>;
}

/** A commit that failed: what became of it is known to the file only, if at all. */
export interface LostCommit {
  /** The newest revision that was committed. */
  readonly revision: number;
  /** What each key of the commit holds as of that revision. */
  readonly keys: ReadonlyMap<string, StoreEntry | undefined>;
  /** How much the commit wanted to write. */
  readonly sizeBytes: number;
}

/** `full`: commits that need less room may go on. After all others the journal has to be recovered. */
export type JournalFailure = 'full' | 'damaged' | 'in use' | 'unusable' | 'other';

export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly kind: JournalFailure;
  /** What is wrong in a few words, for callers who need not know where the file lies. */
  readonly reason: string;

  constructor(message: string, facts: { readonly kind: JournalFailure; readonly reason: string }) {
    super(message);
    this.kind = facts.kind;
    this.reason = facts.reason;
  }
}
