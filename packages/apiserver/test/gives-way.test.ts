import assert from 'node:assert/strict';
import test from 'node:test';
import { turnsDuring } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const path = '/api/v1/namespaces/default/configmaps';
const count = 40;
// A list is written in steps of so many bytes that these take five of them.
const data = { a: 'x'.repeat(8 * 1024) };

async function startFilledServer(): Promise<TestServer> {
  const server = await startTestServer();
  for (let at = 0; at < count; at++) {
    await server.expect(201, 'POST', path, { body: { metadata: { name: `c${at}` }, data } });
  }
  return server;
}

test('calls inside the process let others have a turn', async () => {
  await using server = await startTestServer();
  const turns = await turnsDuring(async () => {
    for (let at = 0; at < count; at++) await server.request('GET', '/version');
  });
  assert.ok(turns >= count / 2, `${turns} turns for ${count} calls`);
});

test('a list that selects lets others have a turn between its objects', async () => {
  await using server = await startFilledServer();
  const turns = await turnsDuring(() => server.expect(200, 'GET', `${path}?labelSelector=a`));
  assert.ok(turns >= count / 2, `${turns} turns for ${count} objects`);
});

for (const accept of [
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf',
  'application/yaml',
]) {
  test(`a list as ${accept} lets others have a turn between its objects`, async () => {
    await using server = await startFilledServer();
    const headers = { accept };
    const turns = await turnsDuring(() => server.expect(200, 'GET', path, { headers }));
    assert.ok(turns >= 4, `${turns} turns for ${count} objects`);
  });
}

test('a watch lets others have a turn between the objects that it begins with', async () => {
  await using server = await startFilledServer();
  const turns = await turnsDuring(async () => {
    await using watch = await server.watch(`${path}?watch=1`);
    await watch.take(count);
  });
  assert.ok(turns >= count / 2, `${turns} turns for ${count} objects`);
});

test('a deletion of many lets others have a turn between its objects', async () => {
  await using server = await startFilledServer();
  const turns = await turnsDuring(() => server.expect(200, 'DELETE', path));
  assert.ok(turns >= count / 2, `${turns} turns for ${count} objects`);
});
