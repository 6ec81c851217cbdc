import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceDescriptor } from '@fairway/protocol';
import { serveHttp } from '../../test/small-server.ts';
import { connectByFetch } from '../browser.ts';

const Pod: ResourceDescriptor = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  isNamespaced: true,
};

test('fetchTransport() carries calls, watches and refusals', async () => {
  let isGone = false;
  await using server = await serveHttp((request, response) => {
    if (request.url.includes('watch=true')) {
      response.once('close', () => (isGone = true));
      return void response.write('{"type":"ADDED","object":{"kind":"Pod"}}\n');
    }
    if (request.method === 'POST') return void request.pipe(response);
    response.statusCode = 404;
    response.end('{"kind":"Status","status":"Failure","reason":"NotFound","code":404}');
  });
  const client = connectByFetch({ server: `${server.url}/k8s/` });
  assert.equal(await client.find(Pod, 'a'), undefined);
  const created = await client.create(Pod, { metadata: { name: 'b' } });
  assert.deepEqual(created, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } });
  for await (const event of client.watch(Pod)) {
    assert.equal(event.type, 'ADDED');
    break;
  }
  while (!isGone) await new Promise((resolve) => setTimeout(resolve, 1));
});

test('fetchTransport() throws ConnectionError, or the reason of the signal', async () => {
  const server = await serveHttp(() => {});
  const client = connectByFetch({ server: server.url });
  const reason = new Error('enough');
  await assert.rejects(client.get(Pod, 'a', { signal: AbortSignal.abort(reason) }), reason);
  await server[Symbol.asyncDispose]();
  await assert.rejects(client.get(Pod, 'a'), { name: 'ConnectionError', problem: 'unreachable' });
});

test('fetchTransport() tells an answer that was cut from one that is complete', async () => {
  await using server = await serveHttp((_, response) => {
    response.write('{"type":"ADDED","object":{"kind":"Pod"}}\n', () => response.destroy());
  });
  const client = connectByFetch({ server: server.url });
  await assert.rejects(
    async () => {
      for await (const { type } of client.watch(Pod)) assert.equal(type, 'ADDED');
    },
    { name: 'ConnectionError', problem: 'reset' },
  );
});
