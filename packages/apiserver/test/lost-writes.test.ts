import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { type Store, createMemoryStore } from '@fairway/store';

const configMaps = '/api/v1/namespaces/default/configmaps';
const services = '/api/v1/namespaces/default/services';
const mergePatch = { 'content-type': 'application/merge-patch+json' };

/** A server over a store in which another writer comes first, as long as `isLosing`. */
interface LosingServer extends AsyncDisposable {
  readonly server: TestServer;
  isLosing: boolean;
  /** Writes that came too late. */
  lost: number;
}

async function startLosingServer(): Promise<LosingServer> {
  const contest = { isLosing: false, lost: 0 };
  const lose = async (): Promise<object> => {
    contest.lost++;
    return { kind: 'conflict', current: undefined };
  };
  const writes = new Set<PropertyKey>(['update', 'delete']);
  const server = await startTestServer({
    openStore: async (...shared) =>
      new Proxy(createMemoryStore(...shared), {
        get: (store, name) => (contest.isLosing && writes.has(name) ? lose : memberOf(store, name)),
      }),
  });
  const end = async (): Promise<void> => server[Symbol.asyncDispose]();
  return Object.assign(contest, { server, [Symbol.asyncDispose]: end });
}

function memberOf(store: Store, name: PropertyKey): unknown {
  const member: unknown = Reflect.get(store, name);
  return typeof member === 'function' ? member.bind(store) : member;
}

test('a patch that always comes too late is given up after five attempts', async () => {
  await using losing = await startLosingServer();
  const { server } = losing;
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'c' } } });
  losing.isLosing = true;
  const patch = { headers: mergePatch, body: { data: { a: 'b' } } };
  const { json } = await server.expect(409, 'PATCH', `${configMaps}/c`, patch);
  losing.isLosing = false;
  assert.match(json.message, /the object has been modified/);
  assert.equal(losing.lost, 5);
});

test('an update of a version is not tried again', async () => {
  await using losing = await startLosingServer();
  const { server } = losing;
  const { json } = await server.expect(201, 'POST', configMaps, {
    body: { metadata: { name: 'c' } },
  });
  losing.isLosing = true;
  await server.expect(409, 'PUT', `${configMaps}/c`, { body: { ...json, data: { a: 'b' } } });
  losing.isLosing = false;
  assert.equal(losing.lost, 1);
});

test('a deletion that always comes too late is given up after five attempts', async () => {
  await using losing = await startLosingServer();
  const { server } = losing;
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'c' } } });
  losing.isLosing = true;
  await server.expect(409, 'DELETE', `${configMaps}/c`);
  losing.isLosing = false;
  assert.equal(losing.lost, 5);
});

test('what was taken for a service that was not written is free again', async () => {
  await using server = await startTestServer();
  const body = (name: string, clusterIP: string, nodePort: number): object => ({
    metadata: { name },
    spec: { type: 'NodePort', clusterIP, ports: [{ port: 80, nodePort }] },
  });
  await server.expect(201, 'POST', services, { body: body('a', '10.0.0.7', 30_007) });
  // Its name is taken, so this one is refused after its address and port were allocated.
  await server.expect(409, 'POST', services, { body: body('a', '10.0.0.8', 30_008) });
  await server.expect(201, 'POST', services, { body: body('b', '10.0.0.8', 30_008) });
});

test('what was taken for a service whose write failed is free again', async () => {
  let isBroken = false;
  const createIn =
    (store: Store): Store['create'] =>
    (key, value) => {
      if (isBroken && key.startsWith('/registry/services/')) throw new RangeError('broken');
      return store.create(key, value);
    };
  const server = await startTestServer({
    openStore: async (...shared) =>
      new Proxy(createMemoryStore(...shared), {
        get: (store, name) => (name === 'create' ? createIn(store) : memberOf(store, name)),
      }),
  });
  const spec = { clusterIP: '10.0.0.7', ports: [{ port: 80 }] };
  isBroken = true;
  await server.expect(500, 'POST', services, { body: { metadata: { name: 'a' }, spec } });
  isBroken = false;
  await server.expect(201, 'POST', services, { body: { metadata: { name: 'b' }, spec } });
  await assert.rejects(async () => server[Symbol.asyncDispose](), /logged failures of its own/);
});
