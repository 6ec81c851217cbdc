import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import type { KubernetesObject } from '@fairway/protocol';
import { ReachedObjects } from './reached-objects.ts';

const web = (uid: string, deletionTimestamp?: string): KubernetesObject => ({
  metadata: {
    namespace: 'shop',
    name: 'web',
    uid,
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  },
});

const isLeaving = (held: KubernetesObject | undefined): boolean =>
  held === undefined || held.metadata?.deletionTimestamp !== undefined;

test('ReachedObjects lets go on when an object is gone, on its way, or another of its name', async () => {
  const held = new Map<string, KubernetesObject>();
  const objects = new ReachedObjects((key) => held.get(key));
  for (const after of [undefined, web('1', '2026-01-01T00:00:00Z'), web('2')]) {
    held.set('shop/web', web('1'));
    let isOver = false;
    const waiting = objects.wait(web('1'), isLeaving).then(() => (isOver = true));
    objects.look('shop/web');
    await settle();
    assert.equal(isOver, false);
    if (after === undefined) held.delete('shop/web');
    else held.set('shop/web', after);
    objects.look('shop/other');
    await settle();
    assert.equal(isOver, false);
    objects.look('shop/web');
    await waiting;
    await objects.wait(web('1'), isLeaving);
  }
});

test('ReachedObjects leaves nothing behind, and says why a deletion will not come', async () => {
  const objects = new ReachedObjects(() => web('1'));
  const leaving = new AbortController();
  const left = assert.rejects(objects.wait(web('1'), isLeaving, leaving.signal), /left/);
  leaving.abort(new Error('left'));
  await left;
  assert.equal(getEventListeners(leaving.signal, 'abort').length, 0);
  const ended = assert.rejects(objects.wait(web('1'), isLeaving), /ended/);
  objects.end(new Error('ended'));
  await ended;
  await assert.rejects(objects.wait(web('1'), isLeaving), /ended/);
  await objects.wait(web('2'), isLeaving);
});
