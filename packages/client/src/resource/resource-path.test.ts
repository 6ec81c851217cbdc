import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { ResourceDescriptor } from '@fairway/protocol';
import { type Client, createClient } from '../client.ts';
import { attach, exec } from '../streams/exec.ts';
import { copyFromPod, copyToPod } from '../streams/copy-pod-files.ts';
import { forwardPort } from '../streams/forward-port.ts';
import { openPodConnections } from '../streams/pod-connections.ts';
import { logs } from '../streams/logs.ts';
import { bindPod, evictPod, requestToken } from './pod-calls.ts';

const ConfigMap: ResourceDescriptor = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  isNamespaced: true,
};
const Node: ResourceDescriptor = {
  ...ConfigMap,
  kind: 'Node',
  plural: 'nodes',
  isNamespaced: false,
};

/** What a JavaScript caller may hand over where a text is wanted. */
const noTexts = [undefined, '', null, 5] as unknown as readonly string[];

type Where = { readonly namespace?: string };
type Call = (client: Client, name: string, where: Where) => unknown;

const part = (client: Client, name: string, where: Where) =>
  client.subresource(ConfigMap, name, 'status', where);
const paths = { from: '/tmp/a', to: '/tmp/b' };
const named = (name: string) => ({ metadata: { name } });

/** Every public call that names one object. */
const namingCalls: Readonly<Record<string, Call>> = {
  get: (client, name, where) => client.get(ConfigMap, name, where),
  find: (client, name, where) => client.find(ConfigMap, name, where),
  update: (client, name, where) => client.update(ConfigMap, name, () => undefined, where),
  patch: (client, name, where) => client.patch(ConfigMap, name, { merge: {} }, where),
  delete: (client, name, where) => client.delete(ConfigMap, name, where),
  replace: (client, name, where) => client.replace(ConfigMap, named(name), where),
  apply: (client, name, where) => client.apply(ConfigMap, named(name), where),
  waitFor: (client, name, where) => client.waitFor(ConfigMap, name, { isDeleted: true }, where),
  'subresource get': (client, name, where) => part(client, name, where).get(),
  'subresource create': (client, name, where) => part(client, name, where).create({}),
  'subresource replace': (client, name, where) => part(client, name, where).replace({}),
  'subresource patch': (client, name, where) => part(client, name, where).patch({ merge: {} }),
  'subresource apply': (client, name, where) => part(client, name, where).apply({}),
  logs: (client, name, where) => logs(client, name, where).next(),
  exec: (client, name, where) => exec(client, name, { ...where, command: ['ls'] }),
  attach: (client, name, where) => attach(client, name, where),
  forwardPort: (client, name, where) => forwardPort(client, name, 80, where),
  openPodConnections: (client, name, where) => openPodConnections(client, name, where),
  copyFromPod: (client, name, where) => copyFromPod(client, name, { ...where, ...paths }),
  copyToPod: (client, name, where) => copyToPod(client, name, { ...where, ...paths }),
  evictPod: (client, name, where) => evictPod(client, name, where),
  bindPod: (client, pod, where) => bindPod(client, { pod, node: 'n' }, where),
  'bindPod node': (client, node, where) => bindPod(client, { pod: 'p', node }, where),
  requestToken: (client, name, where) => requestToken(client, name, where),
};

/** Every public call on a collection, or into one. */
const collectionCalls: Readonly<Record<string, (client: Client, where: Where) => unknown>> = {
  create: (client, where) => client.create(ConfigMap, named('a'), where),
  list: (client, where) => client.list(ConfigMap, where).all(),
  'list as a table': (client, where) => client.list(ConfigMap, { ...where, as: 'table' }).all(),
  listPage: (client, where) => client.listPage(ConfigMap, where),
  watch: (client, where) => client.watch(ConfigMap, where).batches().next(),
  reflect: async (client, where) => {
    const batches = client.reflect(ConfigMap, where).batches();
    // The first is of its own making.
    for (let batch = 0; batch < 2; batch++) await batches.next();
  },
  deleteCollection: (client, where) => client.deleteCollection(ConfigMap, where),
};

for (const [what, call] of Object.entries(namingCalls)) {
  test(`${what} without a name or a namespace is a TypeError, and nothing is sent`, async () => {
    const { client, asked } = silentClient();
    for (const noText of noTexts) {
      await rejectsOutright(() => call(client, noText, {}), noText);
      await rejectsOutright(() => call(client, 'a', { namespace: noText }), noText);
    }
    assert.deepEqual(asked, []);
    // Else the refusals above could be of anything.
    await Promise.resolve(call(client, 'a', { namespace: 'b' })).catch(() => {});
    assert.equal(asked.length > 0, true);
  });
}

for (const [what, call] of Object.entries(collectionCalls)) {
  test(`${what} in a namespace that is undefined is a TypeError, and nothing is sent`, async () => {
    const { client, asked } = silentClient();
    for (const noText of noTexts) {
      await rejectsOutright(() => call(client, { namespace: noText }), noText);
    }
    assert.deepEqual(asked, []);
    await Promise.resolve(call(client, { namespace: 'b' })).catch(() => {});
    assert.equal(asked.length > 0, true);
  });
}

test('a subresource without a name is not the object itself', () => {
  const { client } = silentClient();
  for (const noText of noTexts) {
    assert.throws(() => client.subresource(ConfigMap, 'a', noText), TypeError);
  }
});

test('a kind without namespaces ignores which one is named', async () => {
  const { client, asked } = silentClient();
  await client.delete(Node, 'n', { namespace: undefined as unknown as string }).catch(() => {});
  assert.deepEqual(asked, ['DELETE /api/v1/nodes/n']);
});

test('a call is told what it expected instead of a kind, patch, goal or object', async () => {
  const { client, asked } = silentClient();
  const no = (value: unknown) => value as never;
  await assert.rejects(
    client.get(no('ConfigMap'), 'a'),
    /needs a kind, such as .* not "ConfigMap"/,
  );
  await assert.rejects(client.list(no(undefined)).all(), /needs a kind/);
  await assert.rejects(client.patch(ConfigMap, 'a', no({ data: {} })), /must be one of/);
  await assert.rejects(client.patch(ConfigMap, 'a', no(undefined)), /must be one of/);
  await assert.rejects(client.waitFor(ConfigMap, 'a', no('Available')), /what to wait for must be/);
  await assert.rejects(client.create(ConfigMap, no(undefined)), /to send must be an object/);
  await assert.rejects(client.replace(ConfigMap, no(null)), /to send must be an object/);
  await assert.rejects(client.apply(ConfigMap, no('kind: ConfigMap')), /to send must be an object/);
  assert.deepEqual(asked, []);
});

test('what narrows a deletion does not vanish when it is undefined', async () => {
  const { client, asked } = silentClient();
  const no = undefined as unknown as string;
  const unconditional = { preconditions: { uid: no } };
  await assert.rejects(client.delete(ConfigMap, 'a', unconditional), TypeError);
  await assert.rejects(evictPod(client, 'a', unconditional), TypeError);
  await assert.rejects(client.deleteCollection(ConfigMap, { labelSelector: no }), TypeError);
  await assert.rejects(client.deleteCollection(ConfigMap, { fieldSelector: no }), TypeError);
  await assert.rejects(client.deleteCollection(ConfigMap, { labelSelector: { a: no } }), TypeError);
  assert.deepEqual(asked, []);
});

async function rejectsOutright(call: () => unknown, value: unknown): Promise<void> {
  await assert.rejects(async () => call(), TypeError, `with ${String(value)}`);
}

/** A client whose every request is refused, and written down. */
function silentClient(): { readonly client: Client; readonly asked: string[] } {
  const asked: string[] = [];
  const refuse = async ({ method, path }: { method: string; path: string }): Promise<never> => {
    asked.push(`${method} ${path}`);
    throw new Error('nothing is sent in this test');
  };
  const client = createClient({
    transport: refuse,
    upgrade: refuse,
    clock: new ManualClock(),
    random: seededRandom(1),
    fieldManager: 'tests',
  });
  return { client, asked };
}
