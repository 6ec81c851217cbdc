import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { silentLogger } from '@fairway/host';
import { systemClock } from '@fairway/host/nodejs';
import { listen } from '@fairway/serving';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';

const configMaps = '/api/v1/namespaces/default/configmaps';
const mebibyte = 1024 * 1024;
// The system's buffers of one connection hold a few of these.
const updates = 18;

test('a socket that is not read has a bounded number of bytes waiting for it', async () => {
  await using server = await startTestServer({ store: { watcherBytesMax: 2 * mebibyte } });
  await using listener = await listen({
    host: '127.0.0.1',
    port: 0,
    handler: server.api.handlerFor(admin),
    logger: silentLogger,
    clock: systemClock,
  });
  const created = await server.expect(201, 'POST', configMaps, { body: configMap(0) });
  const query = `watch=1&resourceVersion=${created.json.metadata.resourceVersion}`;
  const slow = await openWatch(`${listener.url}${configMaps}?${query}`);
  await update(server);
  const lines = (await text(slow)).trimEnd().split('\n');
  const last = JSON.parse(lines.at(-1) ?? '') as { type: string; object: { message: string } };
  assert.equal(last.type, 'ERROR');
  assert.match(last.object.message, /fell more than 2097152 bytes behind/);
  assert.ok(lines.length < updates, `${lines.length} events were kept for it`);
});

async function update(server: TestServer): Promise<void> {
  for (let turn = 1; turn <= updates; turn++) {
    await server.expect(200, 'PUT', `${configMaps}/big`, { body: configMap(turn) });
    // So that each change is a batch of its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function configMap(turn: number): object {
  return { metadata: { name: 'big' }, data: { text: String(turn % 10).repeat(mebibyte) } };
}

/** The response to a watch, of which nothing has been read yet. */
async function openWatch(url: string): Promise<http.IncomingMessage> {
  const request = http.get(url, { agent: false });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.on('error', () => {});
  return response;
}
