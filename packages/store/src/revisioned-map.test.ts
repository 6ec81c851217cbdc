import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixRange } from './key-range.ts';
import { RevisionedMap } from './revisioned-map.ts';
import type { StoreEntry } from './store.ts';

const all = prefixRange('/');
const history = {
  historyEventsMax: 100,
  historyBytesMax: 10_000,
  oldHistoryBytesMax: 10_000,
};

const entry = (key: string, revision: number): StoreEntry => ({
  key,
  value: Uint8Array.of(revision),
  revision,
  createRevision: revision,
});

/** `/a` was written and deleted, `/b` written twice. */
function changedMap(): RevisionedMap {
  const map = new RevisionedMap({ revision: 1, bounds: history });
  const [a, b, later] = [entry('/a', 2), entry('/b', 3), entry('/b', 5)];
  map.apply({ kind: 'put', revision: 2, entry: a, previous: undefined });
  map.apply({ kind: 'put', revision: 3, entry: b, previous: undefined });
  map.apply({ kind: 'delete', revision: 4, previous: a });
  map.apply({ kind: 'put', revision: 5, entry: later, previous: b });
  return map;
}

/** Whoever holds the value holds nothing else. */
function isAlone({ value }: StoreEntry): boolean {
  return value.buffer.byteLength === value.byteLength;
}

test('RevisionedMap lists the past in values of their own memory', () => {
  const { entries } = changedMap().list(all, { revision: 3 });
  assert.deepEqual(
    entries.map(({ value }) => [...value]),
    [[2], [3]],
  );
  assert.ok(entries.every(isAlone));
});

test('RevisionedMap tells missed changes in values of their own memory', () => {
  const { batch } = changedMap().batchAfter(1, all, { batchEventsMax: 10, batchBytesMax: 1_000 });
  const told = batch.events.flatMap((event) => [
    ...(event.kind === 'put' ? [event.entry] : []),
    ...(event.previous === undefined ? [] : [event.previous]),
  ]);
  assert.deepEqual(
    told.map(({ value }) => [...value]),
    [[2], [3], [2], [5], [3]],
  );
  assert.ok(told.every(isAlone));
});
