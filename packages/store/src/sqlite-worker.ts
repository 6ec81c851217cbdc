/** The thread that waits for the disk. An entry point: it runs when a worker is made of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { packPage } from './entry-page.ts';
import { JournalError } from './journal.ts';
import { describeLoss, salvage } from './salvage.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { DamagedStoreError } from './sqlite-failure.ts';
import type { SqliteAnswer, SqliteRequest, SqliteWorkerData } from './sqlite-messages.ts';
import type { StoreEntry } from './store.ts';

function answer(message: SqliteAnswer): void {
  parentPort?.postMessage(message, transferredWith(message));
}

function transferredWith(message: SqliteAnswer): ArrayBuffer[] {
  if (message.kind === 'loaded') return [message.page.bytes];
  return message.kind === 'done' && message.page !== undefined ? [message.page] : [];
}

function answerWith(act: () => SqliteAnswer): void {
  try {
    answer(act());
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    const { message, kind: failure, reason } = error;
    answer({ kind: 'failed', message, failure, reason });
  }
}

function carryOut(database: SqliteDatabase, request: SqliteRequest): void {
  if (request.kind === 'commit') database.commit(request.page, request.revision);
  else if (request.kind === 'makeRoom') database.makeRoom(request.sizeBytes);
  else database.close();
}

/** Errors: `JournalError`, which names what a damaged file has lost. */
function load(data: SqliteWorkerData, take: (entries: StoreEntry[]) => void): SqliteDatabase {
  let database: SqliteDatabase | undefined;
  try {
    database = SqliteDatabase.open(data);
    if (data.isReopened === true) database.emptyLog();
    for (const entries of database.pages()) take(entries);
    return database;
  } catch (error) {
    closeQuietly(database);
    if (!(error instanceof DamagedStoreError)) throw error;
    const loss = describeLoss(salvage(data.directory));
    throw new DamagedStoreError(data.directory, `${error.finding}; ${loss}`);
  }
}

/** A file that cannot even be closed is told of by what was wrong with it before. */
function closeQuietly(database: SqliteDatabase | undefined): void {
  try {
    database?.close();
  } catch {
    // The first failure is the one that its caller can act upon.
  }
}

answerWith(() => {
  const data = workerData as SqliteWorkerData;
  const database = load(data, (entries) => {
    if (data.isReopened === true) return;
    const page = packPage(entries.map((entry) => ({ key: entry.key, entry })));
    answer({ kind: 'loaded', page });
  });
  parentPort?.on('message', (request: SqliteRequest) => {
    answerWith(() => {
      carryOut(database, request);
      return request.kind === 'commit'
        ? { kind: 'done', page: request.page.bytes }
        : { kind: 'done' };
    });
  });
  return { kind: 'opened', revision: database.revision };
});
