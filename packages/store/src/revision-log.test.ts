import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ManualClock } from '@fairway/host/testing';
import { RevisionLog } from './revision-log.ts';
import type { StoreEntry, StoreEvent } from './store.ts';

const bounds = { historyEventsMax: 100, historyBytesMax: 1_000, oldHistoryBytesMax: 300 };

function deletion(revision: number): StoreEvent {
  const value = Buffer.alloc(100);
  return {
    kind: 'delete',
    revision,
    previous: { key: '/a', value, revision: revision - 1, createRevision: 1 },
  };
}

function startLog(clock: ManualClock) {
  const log = new RevisionLog(1, bounds, clock);
  let revision = 1;
  const append = (count: number): void => {
    for (let index = 0; index < count; index++) log.append(deletion(++revision));
  };
  const kept = (): number => [...log.after(log.oldestRevision)].length;
  return { log, append, kept };
}

test('RevisionLog keeps all that fits for a minute', async () => {
  const clock = new ManualClock();
  const { append, kept } = startLog(clock);
  append(15);
  assert.equal(kept(), 10);
  await clock.advance(59_000);
  assert.equal(kept(), 10);
});

test('RevisionLog keeps less of what is older than two minutes', async () => {
  const clock = new ManualClock();
  const { append, kept, log } = startLog(clock);
  append(10);
  await clock.advance(90_000);
  append(4);
  await clock.advance(30_000);
  assert.equal(kept(), 4);
  assert.equal(log.oldestRevision, 11);
  await clock.advance(120_000);
  assert.equal(kept(), 3);
  assert.equal(clock.pending, 0);
});

test('RevisionLog keeps nothing alive of what it has forgotten', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const { log, append } = startLog(new ManualClock());
  append(10);
  const first = new WeakRef([...log.after(1)][0] as StoreEvent);
  log.compact(2);
  // A weak reference holds until its turn of the event loop is over.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  assert.equal(first.deref(), undefined);
});

test('RevisionLog has a copy of what was replaced, the same in both of its changes', () => {
  const log = new RevisionLog(1, bounds);
  const entry = { key: '/a', value: Buffer.alloc(100, 1), revision: 2, createRevision: 2 };
  log.append({ kind: 'put', revision: 2, entry, previous: undefined });
  assert.equal(entryOf([...log.after(1)][0]), entry);
  log.append({ kind: 'delete', revision: 3, previous: entry });
  const [written, deleted] = log.after(1);
  const kept = deleted?.previous;
  assert.notEqual(kept?.value.buffer, entry.value.buffer);
  assert.deepEqual({ ...kept, value: Buffer.from(kept?.value ?? []) }, entry);
  assert.equal(entryOf(written), kept);
});

function entryOf(event: StoreEvent | undefined): StoreEntry | undefined {
  return event?.kind === 'put' ? event.entry : undefined;
}
