import { Worker } from 'node:worker_threads';
import { packPage, pageEntryOf, storedEntries } from './entry-page.ts';
import { type Journal, JournalError } from './journal.ts';
import type { SqliteAnswer, SqliteRequest, SqliteWorkerData } from './sqlite-messages.ts';
import type { StoreEntry } from './store.ts';

export interface OpenedJournal {
  readonly journal: Journal;
  readonly revision: number;
  readonly entries: readonly StoreEntry[];
}

/** Opens the SQLite file of a directory in a worker thread and reads all of it. */
export async function openSqliteJournal(data: SqliteWorkerData): Promise<OpenedJournal> {
  const link = new WorkerLink(data);
  try {
    const entries: StoreEntry[] = [];
    while (true) {
      const answer = await link.next();
      if (answer.kind === 'loaded') entries.push(...storedEntries(answer.page));
      if (answer.kind === 'opened') {
        return { journal: journalOver(link), revision: answer.revision, entries };
      }
    }
  } catch (error) {
    await link.terminate();
    throw error;
  }
}

function journalOver(link: WorkerLink): Journal {
  return {
    async commit(events) {
      const page = packPage(events.map(pageEntryOf));
      link.post({ kind: 'commit', page }, [page.bytes]);
      await link.next();
    },
    async close() {
      try {
        if (!link.hasFailed) {
          link.post({ kind: 'close' }, []);
          await link.next();
        }
      } finally {
        await link.terminate();
      }
    },
  };
}

/** The messages of a worker, one after the other. */
class WorkerLink {
  readonly #worker: Worker;
  #answers: SqliteAnswer[] = [];
  #waiting: PromiseWithResolvers<SqliteAnswer> | undefined;
  #failure: JournalError | undefined;

  constructor(data: SqliteWorkerData) {
    this.#worker = new Worker(workerUrl(), {
      workerData: data,
      name: 'fairway-store',
      // Not what this process was started with: a test runner's flags, say, are not for the worker.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#worker.on('message', (answer: SqliteAnswer) => {
      if (this.#waiting === undefined) this.#answers.push(answer);
      else this.#waiting.resolve(answer);
      this.#waiting = undefined;
    });
    this.#worker.on('error', (error: Error) => this.#fail(error.message));
    this.#worker.on('exit', (code) => this.#fail(`it ended with code ${code}`));
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  post(request: SqliteRequest, transferred: ArrayBuffer[]): void {
    this.#worker.postMessage(request, transferred);
  }

  /** Errors: `JournalError` when the worker says so or is gone. */
  async next(): Promise<SqliteAnswer> {
    const answer = this.#answers.shift() ?? (await this.#nextMessage());
    if (answer.kind !== 'failed') return answer;
    throw new JournalError(answer.message, { isFinal: answer.isFinal });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #nextMessage(): Promise<SqliteAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  #fail(why: string): void {
    this.#failure ??= new JournalError(
      `the thread that writes the store is gone (${why}); start again`,
      { isFinal: true },
    );
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}

// The sources run as they are and the built files run as built: the worker ends as this file does.
function workerUrl(): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./sqlite-worker.${ending}`, import.meta.url);
}
