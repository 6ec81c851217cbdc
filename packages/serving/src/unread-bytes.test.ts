import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { UnreadBytes } from './unread-bytes.ts';

function start(unreadBytesMax: number) {
  const clock = new ManualClock();
  const unread = new UnreadBytes({ clock, unreadBytesMax });
  const cut: string[] = [];
  const hold = (name: string, bytes: number) => unread.hold(bytes, () => cut.push(name));
  return { clock, unread, cut, hold };
}

test('UnreadBytes cuts those that have waited longest, and no more than it must', async () => {
  const { clock, unread, cut, hold } = start(100);
  hold('a', 40);
  hold('b', 40);
  await clock.advance(1_000);
  assert.deepEqual(cut, []);
  hold('c', 40);
  assert.deepEqual(cut, ['a']);
  assert.equal(unread.bytes, 80);
});

test('UnreadBytes gives everybody a second to read before it cuts', async () => {
  const { clock, unread, cut, hold } = start(100);
  hold('a', 60);
  hold('b', 60);
  await clock.advance(999);
  assert.deepEqual(cut, []);
  await clock.advance(1);
  assert.deepEqual(cut, ['a']);
  assert.equal(unread.bytes, 60);
});

test('UnreadBytes leaves those alone that read in time', async () => {
  const { clock, unread, cut, hold } = start(100);
  const release = hold('a', 60);
  hold('b', 60);
  release();
  release();
  await clock.advance(10_000);
  assert.deepEqual(cut, []);
  assert.equal(unread.bytes, 60);
});
