import assert from 'node:assert/strict';
import test from 'node:test';
import { admin, startTestServer } from '@fairway/apiserver/testing';

const path = '/api/v1/namespaces/default/configmaps';

test('a request that only calls itself a watch counts as what it is', async () => {
  await using server = await startTestServer();
  const handler = server.api.handlerFor(admin);
  const released = Promise.withResolvers<void>();
  const post = (): Promise<{ readonly status: number }> =>
    handler({
      method: 'POST',
      path,
      query: 'watch=true',
      headers: { 'content-type': 'application/json', 'user-agent': 'test' },
      body: slowBody(released.promise),
      signal: new AbortController().signal,
    });
  const waiting = Array.from({ length: 600 }, post);
  const { status } = await server.request('GET', path, { handler });
  released.resolve();
  assert.equal(status, 429);
  for (const answer of await Promise.all(waiting)) assert.equal(answer.status, 400);
});

test('a deletion of many stops when nobody waits for it any more', async () => {
  await using server = await startTestServer();
  for (let at = 0; at < 20; at++) {
    await server.expect(201, 'POST', path, { body: { metadata: { name: `c${at}` } } });
  }
  const caller = new AbortController();
  const deletion = server.request('DELETE', path, { signal: caller.signal });
  caller.abort();
  await deletion;
  const { json } = await server.expect(200, 'GET', path);
  assert.ok(json.items.length > 10, `${json.items.length} are left`);
});

async function* slowBody(released: Promise<void>): AsyncGenerator<Uint8Array> {
  await released;
  yield Buffer.from('{');
}
