import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { encodeForStore } from '../storage/object-bytes.ts';
import { StoredFacts } from './stored-facts.ts';

function start() {
  const clock = new ManualClock();
  const metadata = { name: 'a', uid: 'u', labels: { app: 'x' } };
  const value = encodeForStore({ kind: 'Pod', apiVersion: 'v1', metadata });
  const entry = { key: '/registry/pods/a', value, revision: 2, createRevision: 2 };
  return { clock, entry, facts: new StoredFacts(clock) };
}

test('StoredFacts reads an entry once while somebody asks', async () => {
  const { clock, entry, facts } = start();
  const labels = facts.labelsOf(entry);
  const object = facts.objectOf(entry);
  assert.deepEqual(labels, { app: 'x' });
  for (let minute = 0; minute < 10; minute++) {
    assert.equal(facts.labelsOf(entry), labels);
    assert.equal(facts.objectOf(entry), object);
    await clock.advance(60_000);
  }
});

test('StoredFacts lets go of what nobody asks for in minutes, though the entry is still held', async () => {
  const { clock, entry, facts } = start();
  const labels = facts.labelsOf(entry);
  await clock.advance(4 * 60_000);
  assert.equal(clock.pending, 0);
  assert.notEqual(facts.labelsOf(entry), labels);
  assert.deepEqual(facts.labelsOf(entry), labels);
});
