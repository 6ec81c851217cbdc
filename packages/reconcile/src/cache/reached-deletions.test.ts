import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import type { KubernetesObject } from '@fairway/protocol';
import { ReachedDeletions } from './reached-deletions.ts';

const web = (uid: string, deletionTimestamp?: string): KubernetesObject => ({
  metadata: {
    namespace: 'shop',
    name: 'web',
    uid,
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  },
});

test('ReachedDeletions lets go on when an object is gone, on its way, or another of its name', async () => {
  const held = new Map<string, KubernetesObject>();
  const deletions = new ReachedDeletions((key) => held.get(key));
  for (const after of [undefined, web('1', '2026-01-01T00:00:00Z'), web('2')]) {
    held.set('shop/web', web('1'));
    let isOver = false;
    const waiting = deletions.wait(web('1')).then(() => (isOver = true));
    deletions.look('shop/web');
    await settle();
    assert.equal(isOver, false);
    if (after === undefined) held.delete('shop/web');
    else held.set('shop/web', after);
    deletions.look('shop/other');
    await settle();
    assert.equal(isOver, false);
    deletions.look('shop/web');
    await waiting;
    await deletions.wait(web('1'));
  }
});

test('ReachedDeletions leaves nothing behind, and says why a deletion will not come', async () => {
  const deletions = new ReachedDeletions(() => web('1'));
  const leaving = new AbortController();
  const left = assert.rejects(deletions.wait(web('1'), leaving.signal), /left/);
  leaving.abort(new Error('left'));
  await left;
  assert.equal(getEventListeners(leaving.signal, 'abort').length, 0);
  const ended = assert.rejects(deletions.wait(web('1')), /ended/);
  deletions.end(new Error('ended'));
  await ended;
  await assert.rejects(deletions.wait(web('1')), /ended/);
  await deletions.wait(web('2'));
});
