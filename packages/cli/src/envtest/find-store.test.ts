import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenForTest, textResponse } from '@fairway/serving/testing';
import { findStore } from './find-store.ts';

test('findStore() believes nobody but the stand-in, and reads no more than an answer takes', async () => {
  const long = `{"directory":"/a","survivesPowerLoss":true,"more":"${'x'.repeat(64 * 1024)}"}`;
  const refusals: readonly (readonly [string, RegExp])[] = [
    ['{"health":"true"}', /it is not the `etcd` that `fairway envtest` writes/],
    ['not JSON', /it is not the `etcd`/],
    [long, /its answer is too long/],
  ];
  for (const [answer, message] of refusals) {
    await using listener = await listenForTest(async () => textResponse(answer));
    await assert.rejects(findStore(listener.url), { name: 'CommandError', message });
  }
  const place = { directory: '/a', survivesPowerLoss: true };
  await using listener = await listenForTest(async () => textResponse(JSON.stringify(place)));
  assert.deepEqual(await findStore(listener.url), place);
});
