/** The thread that waits for the disk. An entry point: it runs when a worker is made of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { packPage } from './entry-page.ts';
import { JournalError } from './journal.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import type { SqliteAnswer, SqliteRequest, SqliteWorkerData } from './sqlite-messages.ts';

function answer(message: SqliteAnswer): void {
  const transferred = message.kind === 'loaded' ? [message.page.bytes] : [];
  parentPort?.postMessage(message, transferred);
}

function answerWith(act: () => SqliteAnswer): void {
  try {
    answer(act());
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    answer({ kind: 'failed', message: error.message, isFinal: error.isFinal });
  }
}

answerWith(() => {
  const database = SqliteDatabase.open(workerData as SqliteWorkerData);
  parentPort?.on('message', (request: SqliteRequest) => {
    answerWith(() => {
      if (request.kind === 'commit') database.commit(request.page);
      else database.close();
      return { kind: 'done' };
    });
  });
  for (const entries of database.pages()) answer({ kind: 'loaded', page: packPage(entries) });
  return { kind: 'opened', revision: database.revision() };
});
