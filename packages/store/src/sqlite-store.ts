import { GroupCommit } from './group-commit.ts';
import { JournalError } from './journal.ts';
import { RevisionedStore } from './revisioned-store.ts';
import { type OpenedJournal, openSqliteJournal } from './sqlite-journal.ts';
import type { StoreOptions } from './store-options.ts';
import { type Store, StoreUnavailableError } from './store.ts';

export interface SqliteStoreOptions extends StoreOptions {
  /** Where `store.sqlite` lies; made when it does not exist. One process at a time. */
  readonly directory: string;
  /** How large the file may grow. 8 GiB unless told. */
  readonly fileBytesMax?: number;
}

/**
 * Opens a store whose writes survive the process and the machine's loss of power.
 *
 * A write resolves, and is seen by reads and watches, once it is on disk. What was written comes
 * back when the directory is opened again, and revisions go on from where they were; the history
 * does not come back: revisions from before are compacted then.
 *
 * When the disk is full, the writes that do not fit are rejected and later ones are tried again.
 * After any other failure of the file all writes are rejected until the store is opened again,
 * while reads and watches go on; only such a write may turn out to be there after all.
 *
 * Errors: `StoreUnavailableError` when the directory is in use, unusable or damaged.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { directory, fileBytesMax = 8 * 1024 ** 3 } = options;
  const { journal, revision, entries } = await openJournal({ directory, fileBytesMax });
  return new RevisionedStore({
    ...options,
    revision,
    entries,
    makeCommitter: (state) => new GroupCommit({ ...state, journal }),
  });
}

async function openJournal(place: {
  directory: string;
  fileBytesMax: number;
}): Promise<OpenedJournal> {
  try {
    return await openSqliteJournal(place);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw new StoreUnavailableError(error.message, { cause: error });
  }
}
