import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { JournalError } from './journal.ts';
import { openSqliteJournal } from './sqlite-journal.ts';
import type { SqliteWorkerData } from './sqlite-messages.ts';
import type { StoreEntry, StoreEvent } from './store.ts';

async function place(t: TestContext): Promise<SqliteWorkerData> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-journal-'));
  t.after(() => rm(directory, { recursive: true }));
  return { directory, fileBytesMax: 1024 ** 3 };
}

function put(key: string, revision: number, previous?: StoreEntry): StoreEvent & { kind: 'put' } {
  const createRevision = previous?.createRevision ?? revision;
  const entry = { key, value: Buffer.from(`${revision}`), revision, createRevision };
  return { kind: 'put', revision, entry, previous };
}

// What no file takes: the journal cannot know what became of it.
const broken = { ...put('/broken', 9), revision: 0.5 };

async function contents(data: SqliteWorkerData): Promise<(string | number)[]> {
  const { journal, revision, entries } = await openSqliteJournal(data);
  await journal.close();
  return [revision, ...entries.map((entry) => `${entry.key}@${entry.revision}`)];
}

test('a journal that recovers sets the keys of a lost commit back, also when it has happened', async (t) => {
  const data = await place(t);
  const { journal } = await openSqliteJournal(data);
  const [a, b] = [put('/a', 2), put('/b', 3)];
  await journal.commit([a, b]);
  // It is on disk, and nobody was told.
  await journal.commit([
    put('/a', 4, a.entry),
    { kind: 'delete', revision: 5, previous: b.entry },
    put('/c', 6),
  ]);
  const keys = new Map([
    ['/a', a.entry],
    ['/b', b.entry],
    ['/c', undefined],
  ]);
  await journal.recover({ revision: 3, keys, sizeBytes: 20_000 });
  await journal.commit([put('/d', 4)]);
  await journal.close();
  assert.deepEqual(await contents(data), [4, '/a@2', '/b@3', '/d@4']);
});

test('a journal takes nothing after a failure until it has recovered', async (t) => {
  const data = await place(t);
  const { journal } = await openSqliteJournal(data);
  await journal.commit([put('/a', 2)]);
  await assert.rejects(journal.commit([broken]), JournalError);
  await assert.rejects(journal.commit([put('/b', 3)]), /has not recovered/);
  await journal.recover({ revision: 2, keys: new Map([['/broken', undefined]]), sizeBytes: 1 });
  await journal.commit([put('/b', 3)]);
  await journal.close();
  assert.deepEqual(await contents(data), [3, '/a@2', '/b@3']);
});

test('a journal does not recover over what another process wrote meanwhile', async (t) => {
  const data = await place(t);
  const { journal } = await openSqliteJournal(data);
  await assert.rejects(journal.commit([broken]), JournalError);
  const other = await openSqliteJournal(data);
  const lost = { revision: 1, keys: new Map<string, undefined>(), sizeBytes: 1 };
  await assert.rejects(journal.recover(lost), /in use by process/);
  await other.journal.commit([put('/theirs', 2)]);
  await other.journal.close();
  await assert.rejects(journal.recover(lost), /written by another process/);
  await journal.close();
  assert.deepEqual(await contents(data), [2, '/theirs@2']);
});
