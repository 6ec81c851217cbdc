import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observeRequests } from './observe-requests.ts';

test('observeRequests() tells of a refused upgrade when its answer was read to the end', async () => {
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('no');
  }
  const told: number[] = [];
  const { upgradeHandler } = observeRequests(
    [() => (observed) => told.push(observed.status)],
    { elapsed: () => 0 },
    {
      handler: () => assert.fail(),
      upgradeHandler: async () => ({
        kind: 'refused',
        response: { status: 403, headers: {}, body: parts() },
      }),
    },
  );
  const { signal } = new AbortController();
  const answer = await upgradeHandler({
    method: 'GET',
    path: '/',
    query: '',
    headers: {},
    body: undefined,
    signal,
  });
  assert.ok(answer.kind === 'refused');
  const reading = (answer.response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  await reading.next();
  assert.deepEqual(told, []);
  await reading.next();
  assert.deepEqual(told, [403]);
});
