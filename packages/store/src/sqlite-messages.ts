import type { EntryPage } from './entry-page.ts';
import type { JournalFailure } from './journal.ts';

/** What the worker of a SQLite journal is started with. */
export interface SqliteWorkerData {
  readonly directory: string;
  readonly fileBytesMax: number;
  /** True when absent. */
  readonly survivesPowerLoss?: boolean;
  /** Whether what is deleted is overwritten. False when absent. */
  readonly wipesDeleted?: boolean;
  /** Whether everything was loaded before: it is read and verified, and not sent again. */
  readonly isReopened?: boolean;
}

export type SqliteRequest =
  | { readonly kind: 'commit'; readonly page: EntryPage; readonly revision: number }
  | { readonly kind: 'makeRoom'; readonly sizeBytes: number }
  | { readonly kind: 'close' };

/** `loaded` comes any number of times, then `opened`; from then on one answer for each request. */
export type SqliteAnswer =
  | { readonly kind: 'loaded'; readonly page: EntryPage }
  | { readonly kind: 'opened'; readonly revision: number }
  /** `page` gives the memory of a commit back: the worker rarely has reason to collect garbage. */
  | { readonly kind: 'done'; readonly page?: ArrayBuffer }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly failure: JournalFailure;
      readonly reason: string;
    };
