import { packPage, stateAfter, storedEntries } from './entry-page.ts';
import { type Journal, JournalError, type LostCommit } from './journal.ts';
import type { SqliteRequest, SqliteWorkerData } from './sqlite-messages.ts';
import { SqliteWorkerLink } from './sqlite-worker-link.ts';
import type { StoreEntry, StoreEvent } from './store.ts';
import { type ValueSeal, opened, sealed } from './value-seal.ts';

export interface OpenedJournal {
  readonly journal: Journal;
  readonly revision: number;
  readonly entries: readonly StoreEntry[];
}

/** Opens the SQLite file of a directory in a worker thread and reads all of it. */
export async function openSqliteJournal(
  data: SqliteWorkerData,
  seal?: ValueSeal,
): Promise<OpenedJournal> {
  const entries: StoreEntry[] = [];
  const link = await openLink(data, (loaded) => entries.push(...opened(seal, loaded)));
  return { journal: new SqliteJournal(data, link, seal), revision: link.revision, entries };
}

interface OpenedLink {
  readonly link: SqliteWorkerLink;
  readonly revision: number;
}

async function openLink(
  data: SqliteWorkerData,
  take: (entries: readonly StoreEntry[]) => void,
): Promise<OpenedLink> {
  const link = new SqliteWorkerLink(data);
  try {
    while (true) {
      const answer = await link.next();
      if (answer.kind === 'loaded') take(storedEntries(answer.page));
      if (answer.kind === 'opened') return { link, revision: answer.revision };
    }
  } catch (error) {
    await link.terminate();
    throw error;
  }
}

/** Hands commits to the worker, and takes another worker when one has failed. */
class SqliteJournal implements Journal {
  readonly #data: SqliteWorkerData;
  readonly #seal: ValueSeal | undefined;
  #link: SqliteWorkerLink | undefined;
  #committedRevision: number;
  /** Where the file is when a commit that failed has happened after all. */
  #attemptedRevision: number;

  constructor(data: SqliteWorkerData, { link, revision }: OpenedLink, seal?: ValueSeal) {
    this.#data = data;
    this.#seal = seal;
    this.#link = link;
    this.#committedRevision = revision;
    this.#attemptedRevision = revision;
  }

  async commit(events: readonly StoreEvent[]): Promise<void> {
    const revision = events.at(-1)?.revision ?? 0;
    this.#attemptedRevision = revision;
    const page = packPage(sealed(this.#seal, events.map(stateAfter)));
    await this.#ask({ kind: 'commit', page, revision }, [page.bytes]);
    this.#committedRevision = revision;
  }

  async recover({ revision, keys, sizeBytes }: LostCommit): Promise<void> {
    if (this.#link === undefined) {
      const { link, revision: found } = await openLink(
        { ...this.#data, isReopened: true },
        () => undefined,
      );
      this.#link = link;
      if (![this.#committedRevision, this.#attemptedRevision].includes(found)) {
        await this.#letGo();
        throw foreignWrite(this.#data.directory);
      }
    }
    const states = [...keys].map(([key, entry]) => ({ key, entry }));
    const page = packPage(sealed(this.#seal, states));
    await this.#ask({ kind: 'commit', page, revision }, [page.bytes]);
    await this.#ask({ kind: 'makeRoom', sizeBytes }, []);
  }

  async close(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    if (link !== undefined) await closeLink(link);
  }

  async #ask(request: SqliteRequest, transferred: ArrayBuffer[]): Promise<void> {
    try {
      if (this.#link === undefined) throw mustRecover(this.#data.directory);
      this.#link.post(request, transferred);
      await this.#link.next();
    } catch (error) {
      if (!(error instanceof JournalError) || error.kind !== 'full') await this.#letGo();
      throw error;
    }
  }

  // What the worker did last is not to be relied on: another one reads the file anew.
  async #letGo(): Promise<void> {
    await this.close().catch(() => undefined);
  }
}

async function closeLink(link: SqliteWorkerLink): Promise<void> {
  try {
    link.post({ kind: 'close' }, []);
    await link.next();
  } finally {
    await link.terminate();
  }
}

function mustRecover(directory: string): JournalError {
  return new JournalError(`the store in ${directory} failed and has not recovered yet`, {
    kind: 'other',
    reason: 'it failed and has not recovered yet',
  });
}

function foreignWrite(directory: string): JournalError {
  return new JournalError(
    `the store in ${directory} was written by another process meanwhile; start again`,
    {
      kind: 'other',
      reason: 'its file was written by another process; this server must start again',
    },
  );
}
