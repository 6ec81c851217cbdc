import type { StoreEvent } from './store.ts';

/** Where committed changes outlive the process. One commit at a time. */
export interface Journal {
  /**
   * Resolves when the changes will be found again after a crash, all of them.
   *
   * Errors: `JournalError`; then none of them will be, unless the error is final.
   */
  commit(events: readonly StoreEvent[]): Promise<void>;
  close(): Promise<void>;
}

export class JournalError extends Error {
  override readonly name = 'JournalError';
  /**
   * Whether nothing can be committed any more until the store is opened again. What became of the
   * last commit is then known only to the file.
   */
  readonly isFinal: boolean;

  constructor(message: string, { isFinal }: { isFinal: boolean }) {
    super(message);
    this.isFinal = isFinal;
  }
}
