import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { ReachedVersion } from './reached-version.ts';

test('ReachedVersion lets those go on whose version has come, in whatever order they ask', async () => {
  const reached = new ReachedVersion();
  const seen: string[] = [];
  for (const version of ['10', '9', '99999999999999999999', '5']) {
    void reached.wait(version).then(() => seen.push(version));
  }
  reached.advance('9');
  await settle();
  assert.deepEqual(seen, ['9', '5']);
  reached.advance('8');
  reached.advance('not a number');
  assert.equal(reached.current, '9');
  reached.advance('100000000000000000000');
  await settle();
  assert.deepEqual(seen, ['9', '5', '10', '99999999999999999999']);
  await reached.wait('3');
});

test('ReachedVersion leaves nothing behind, and says why it will not come', async () => {
  const reached = new ReachedVersion();
  const leaving = new AbortController();
  const left = assert.rejects(reached.wait('7', leaving.signal), /left/);
  leaving.abort(new Error('left'));
  await left;
  assert.equal(getEventListeners(leaving.signal, 'abort').length, 0);
  const { signal } = new AbortController();
  const came = reached.wait('6', signal);
  reached.advance('6');
  await came;
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  const never = assert.rejects(reached.wait('8'), /over/);
  reached.end(new Error('over'));
  await never;
  await assert.rejects(reached.wait('8'), /over/);
  await reached.wait('6');
  await assert.rejects(reached.wait(''), RangeError);
  await assert.rejects(reached.wait('8', leaving.signal), /left/);
});
