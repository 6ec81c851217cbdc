import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import type { WatchBatch } from '@fairway/store';
import { type Selection } from '../reads/selection.ts';
import { StoredFacts } from '../reads/stored-facts.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { type BatchView, SharedFrames } from './shared-frames.ts';

const frameBytes = 100;

function batchAt(revision: number): WatchBatch {
  const entry = { key: '/a', value: Buffer.from('{}'), revision, createRevision: revision };
  return { revision, events: [{ kind: 'put', revision, entry, previous: undefined }] };
}

// Only what `framesOf` reads of them matters: everything is selected, and frames have one size.
const view: BatchView = {
  resource: { storage: {} } as ServedResource,
  facts: new StoredFacts(new ManualClock()),
  selection: { isWholeRange: true } as Selection,
  write: {
    sharedAs: 'all alike',
    object: () => Buffer.alloc(frameBytes),
    value: () => Buffer.alloc(frameBytes),
  },
};

test('SharedFrames writes a batch once for all that see it alike', () => {
  const shared = new SharedFrames({ clock: new ManualClock() });
  const batch = batchAt(1);
  assert.equal(shared.framesOf(batch, view), shared.framesOf(batch, view));
  const other = { ...view, write: { ...view.write, sharedAs: 'another form' } };
  assert.notEqual(shared.framesOf(batch, other), shared.framesOf(batch, view));
});

test('SharedFrames keeps the latest batches that fit into its bytes', () => {
  const shared = new SharedFrames({ clock: new ManualClock(), framesBytesMax: 3 * frameBytes });
  const batches = [1, 2, 3, 4, 5].map(batchAt);
  const first = batches.map((batch) => shared.framesOf(batch, view));
  assert.equal(shared.bytes, 3 * frameBytes);
  const isKept = (at: number) => shared.framesOf(batches[at] as WatchBatch, view) === first[at];
  assert.deepEqual([4, 3, 2].map(isKept), [true, true, true]);
  assert.deepEqual([0].map(isKept), [false]);
});

test('SharedFrames lets go of what is old, also when nothing new comes', async () => {
  const clock = new ManualClock();
  const shared = new SharedFrames({ clock });
  shared.framesOf(batchAt(1), view);
  await clock.advance(6_000);
  shared.framesOf(batchAt(2), view);
  await clock.advance(6_000);
  assert.equal(shared.bytes, frameBytes);
  await clock.advance(6_000);
  assert.equal(shared.bytes, 0);
  assert.equal(clock.pending, 0);
});

test('SharedFrames keeps frames in memory of their own, not as parts of a larger pool', () => {
  const shared = new SharedFrames({ clock: new ManualClock() });
  const events = [...batchAt(1).events, ...batchAt(2).events];
  const frames = shared.framesOf({ revision: 2, events }, view);
  assert.ok(frames instanceof Uint8Array);
  assert.equal(frames.length, 2 * frameBytes);
  assert.equal(frames.buffer.byteLength, frames.length);
});

test('SharedFrames has a batch converted once for all watches of a resource', async () => {
  const shared = new SharedFrames({ clock: new ManualClock() });
  let conversions = 0;
  const fromStored = async (objects: readonly object[]): Promise<readonly object[]> => {
    conversions++;
    return objects;
  };
  const resource = { storage: { fromStored } } as unknown as ServedResource;
  const batch = batchAt(1);
  const alike = await Promise.all([
    shared.framesOf(batch, { ...view, resource }),
    shared.framesOf(batch, { ...view, resource }),
  ]);
  assert.equal(conversions, 1);
  assert.equal(alike[0], alike[1]);
});

test('SharedFrames counts what it has converted, and lets go of it like of frames', async () => {
  const clock = new ManualClock();
  const objectBytes = 1_000;
  let conversions = 0;
  const fromStored = async (): Promise<readonly object[]> => {
    conversions++;
    return [{ a: 'x'.repeat(objectBytes - '{"a":""}'.length) }];
  };
  const resource = { storage: { fromStored } } as unknown as ServedResource;
  const converting = { ...view, resource };
  const eachBytes = objectBytes + frameBytes;
  const shared = new SharedFrames({ clock, framesBytesMax: 2 * eachBytes });
  const batches = [1, 2, 3].map(batchAt);
  for (const [at, batch] of batches.entries()) {
    await shared.framesOf(batch, converting);
    assert.equal(shared.bytes, Math.min(at + 1, 2) * eachBytes);
  }
  await shared.framesOf(batches[2] as WatchBatch, converting);
  assert.equal(conversions, 3);
  await shared.framesOf(batches[0] as WatchBatch, converting);
  assert.equal(conversions, 4, 'the oldest was let go of');
  await clock.advance(20_000);
  assert.equal(shared.bytes, 0);
  await shared.framesOf(batches[0] as WatchBatch, converting);
  assert.equal(conversions, 5);
});
