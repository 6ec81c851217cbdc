import type { Clock } from '@fairway/host';
import { GroupCommit, unavailable } from './group-commit.ts';
import { JournalError } from './journal.ts';
import { RevisionedStore } from './revisioned-store.ts';
import { type OpenedJournal, openSqliteJournal } from './sqlite-journal.ts';
import type { SqliteWorkerData } from './sqlite-messages.ts';
import type { StoreOptions } from './store-options.ts';
import type { Store } from './store.ts';
import type { ValueSeal } from './value-seal.ts';

export interface SqliteStoreOptions extends StoreOptions {
  /** For progress batches, and to look again whether a disk that failed is well. */
  readonly clock: Clock;
  /** Where `store.sqlite` lies; made when it does not exist. One process at a time. */
  readonly directory: string;
  /** False: writes do not wait for the disk, and a loss of power may damage the file. True unless told. */
  readonly survivesPowerLoss?: boolean;
  /** How values lie in the file; as they are when absent. What is deleted is wiped then. */
  readonly seal?: ValueSeal;
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
 * When the disk is full, the writes that do not fit are rejected and others are tried. After any
 * other failure of the file all writes are rejected until it could be opened and written again,
 * which is tried by itself; reads and watches go on. A write that was rejected has not happened,
 * unless the process ends before the file has recovered: then the file alone decides.
 *
 * Errors: `StoreUnavailableError` when the directory is in use or unusable, or when anything in the
 * file is not what was written.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { directory, fileBytesMax = 8 * 1024 ** 3, survivesPowerLoss = true, clock } = options;
  const { seal } = options;
  const place = { directory, fileBytesMax, survivesPowerLoss, wipesDeleted: seal !== undefined };
  const { journal, revision, entries } = await openJournal(place, seal);
  return new RevisionedStore({
    ...options,
    revision,
    entries,
    makeCommitter: (state) => new GroupCommit({ ...state, journal, clock }),
  });
}

async function openJournal(
  place: SqliteWorkerData,
  seal: ValueSeal | undefined,
): Promise<OpenedJournal> {
  try {
    return await openSqliteJournal(place, seal);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw unavailable(error);
  }
}
