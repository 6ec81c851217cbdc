import assert from 'node:assert/strict';
import test from 'node:test';
import { seededRandom } from '@fairway/host/testing';
import { startTestServer } from '@fairway/apiserver/testing';

const configMaps = '/api/v1/namespaces/default/configmaps';

test('an object whose made-up name was taken is made again, with all that follows from it', async () => {
  const seeded = seededRandom(7);
  let calls = 0;
  // The first two names that are made up are the same one.
  const random = { ...seeded, fraction: () => (calls++ < 10 ? 0 : seeded.fraction()) };
  await using server = await startTestServer({ random });
  calls = 0;
  const body = { metadata: { generateName: 'team-' } };
  const first = await server.expect(201, 'POST', '/api/v1/namespaces', { body });
  const second = await server.expect(201, 'POST', '/api/v1/namespaces', { body });
  assert.notEqual(second.json.metadata.name, first.json.metadata.name);
  const label = second.json.metadata.labels?.['kubernetes.io/metadata.name'];
  assert.equal(label, second.json.metadata.name);
});

test('after eight made-up names that are taken the caller is told', async () => {
  const random = { ...seededRandom(7), fraction: () => 0 };
  await using server = await startTestServer({ random });
  const create = async (name: string): Promise<number> =>
    (await server.request('POST', configMaps, { body: { metadata: { generateName: name } } }))
      .status;
  assert.equal(await create('a-'), 201);
  let taken = 0;
  const get = server.store.create.bind(server.store);
  server.store.create = async (key, value) => {
    taken++;
    return get(key, value);
  };
  assert.equal(await create('a-'), 409);
  assert.equal(taken, 8);
});

test('a name that its caller chose is never exchanged, however much it looks made up', async () => {
  await using server = await startTestServer();
  const body = { metadata: { generateName: 'web-', name: 'web-abcde' } };
  await server.expect(201, 'POST', configMaps, { body });
  await server.expect(409, 'POST', configMaps, { body });
});

test('a dry run finds out that a name is taken', async () => {
  await using server = await startTestServer();
  const body = { metadata: { name: 'c' } };
  await server.expect(201, 'POST', configMaps, { body });
  const { json } = await server.expect(409, 'POST', `${configMaps}?dryRun=All`, { body });
  assert.equal(json.reason, 'AlreadyExists');
});
