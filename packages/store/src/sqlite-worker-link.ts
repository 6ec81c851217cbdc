import { Worker } from 'node:worker_threads';
import { JournalError } from './journal.ts';
import type { SqliteAnswer, SqliteRequest, SqliteWorkerData } from './sqlite-messages.ts';

/** The messages of the worker that has the file, one after the other. */
export class SqliteWorkerLink {
  readonly #worker: Worker;
  #answers: SqliteAnswer[] = [];
  #waiting: PromiseWithResolvers<SqliteAnswer> | undefined;
  #failure: JournalError | undefined;

  constructor(data: SqliteWorkerData) {
    this.#worker = new Worker(new URL(import.meta.resolve('@fairway/store/sqlite-worker')), {
      workerData: data,
      name: 'fairway-store',
      // Not what this process was started with: a test runner's flags, say, are not for the worker.
      execArgv: ['--disable-warning=ExperimentalWarning', ...sourceFlags],
    });
    this.#worker.on('message', (answer: SqliteAnswer) => {
      if (this.#waiting === undefined) this.#answers.push(answer);
      else this.#waiting.resolve(answer);
      this.#waiting = undefined;
    });
    this.#worker.on('error', (error: Error) => this.#fail(error.message));
    this.#worker.on('exit', (code) => this.#fail(`it ended with code ${code}`));
  }

  post(request: SqliteRequest, transferred: ArrayBuffer[]): void {
    this.#worker.postMessage(request, transferred);
  }

  /** Errors: `JournalError` when the worker says so or is gone. */
  async next(): Promise<SqliteAnswer> {
    const answer = this.#answers.shift() ?? (await this.#nextMessage());
    if (answer.kind !== 'failed') return answer;
    throw new JournalError(answer.message, { kind: answer.failure, reason: answer.reason });
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
    this.#failure ??= new JournalError(`the thread that writes the store is gone (${why})`, {
      kind: 'other',
      reason: 'the thread that writes it is gone',
    });
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}

// The sources run as they are and the built files run as built.
const sourceFlags = import.meta.url.endsWith('.ts') ? ['--conditions=@fairway/source'] : [];
