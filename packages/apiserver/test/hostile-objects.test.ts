import assert from 'node:assert/strict';
import test from 'node:test';
import { settle } from '@fairway/host/testing';
import { encodeForStore } from '../src/storage/object-bytes.ts';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const group = 'hostile.example.com';
const things = `/apis/${group}/v1/namespaces/default/things`;
const mergePatch = { 'content-type': 'application/merge-patch+json' };

test('a field that looks like a number leaves the version where it belongs', async () => {
  await using server = await startTestServer();
  await defineThings(server);
  const body =
    '{"kind":"Thing","apiVersion":"hostile.example.com/v1","metadata":{"name":"t"},"0":{"metadata":{"uid":"x"},"uid":"x"},"spec":{"a":1}}';
  const { json: made } = await server.expect(201, 'POST', things, { body });
  assert.match(made.metadata.resourceVersion ?? '', /^[0-9]+$/);
  assert.deepEqual(made['0'], { metadata: { uid: 'x' }, uid: 'x' });
  const { json: list } = await server.expect(200, 'GET', things);
  assert.deepEqual(list.items, [made]);
  const stale = { ...made, spec: { a: 2 } };
  const { json: changed } = await server.expect(200, 'PUT', `${things}/t`, { body: stale });
  assert.notEqual(changed.metadata.resourceVersion, made.metadata.resourceVersion);
  await server.expect(409, 'PUT', `${things}/t`, { body: { ...made, spec: { a: 3 } } });
});

test('a scale whose paths lead through __proto__ touches its object alone', async () => {
  await using server = await startTestServer();
  await defineThings(server, {
    specReplicasPath: '.spec.__proto__.polluted',
    statusReplicasPath: '.status.constructor.length',
  });
  await server.expect(201, 'POST', things, {
    body: {
      apiVersion: 'hostile.example.com/v1',
      kind: 'Thing',
      metadata: { name: 't' },
      spec: {},
    },
  });
  const scale = { metadata: { name: 't', namespace: 'default' }, spec: { replicas: 7 } };
  const { json } = await server.expect(200, 'PUT', `${things}/t/scale`, { body: scale });
  assert.equal(json['spec'].replicas, 7);
  assert.equal(json['status'].replicas, 0);
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
  const { text } = await server.expect(200, 'GET', `${things}/t`);
  assert.match(text, /"spec":\{"__proto__":\{"polluted":7\}\}/);
});

test('a scale answers whatever stands where its selector should be', async () => {
  await using server = await startTestServer();
  await defineThings(server, {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  });
  for (const [at, selector] of [{ matchExpressions: 5 }, { a: 1 }, [null]].entries()) {
    const body = {
      apiVersion: 'hostile.example.com/v1',
      kind: 'Thing',
      metadata: { name: `t${at}` },
      spec: { replicas: 1 },
      status: { selector },
    };
    await server.expect(201, 'POST', things, { body });
    const status = { headers: mergePatch, body: { status: { selector } } };
    await server.expect(200, 'PATCH', `${things}/t${at}/status`, status);
    const { json } = await server.expect(200, 'GET', `${things}/t${at}/scale`);
    assert.equal(json['status'].selector, undefined);
  }
});

test('patches cannot reach behind an object', async () => {
  await using server = await startTestServer();
  await defineThings(server);
  await server.expect(201, 'POST', things, {
    body: {
      apiVersion: 'hostile.example.com/v1',
      kind: 'Thing',
      metadata: { name: 't' },
      spec: {},
    },
  });
  const before = Object.getOwnPropertyNames(Object.prototype);
  const patches: readonly [type: string, body: string][] = [
    ['merge-patch', '{"__proto__":{"a":1},"constructor":{"prototype":{"b":1}}}'],
    ['merge-patch', '{"spec":{"__proto__":{"a":1}},"metadata":{"__proto__":{"a":1}}}'],
    ['json-patch', '[{"op":"add","path":"/__proto__/a","value":1}]'],
    ['json-patch', '[{"op":"add","path":"/spec/__proto__/a","value":1}]'],
    ['json-patch', '[{"op":"add","path":"/spec/constructor/prototype/a","value":1}]'],
    ['json-patch', '[{"op":"copy","from":"/metadata/toString","path":"/spec/a"}]'],
  ];
  for (const [type, body] of patches) {
    const headers = { 'content-type': `application/${type}+json` };
    const { status } = await server.request('PATCH', `${things}/t`, { headers, body });
    assert.ok(status === 200 || status === 422, `${type} ${body}: ${status}`);
  }
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
  const labels = { headers: mergePatch, body: '{"metadata":{"labels":{"constructor":"a"}}}' };
  await server.expect(200, 'PATCH', `${things}/t`, labels);
  const { json } = await server.expect(200, 'GET', `${things}?labelSelector=toString`);
  assert.deepEqual(json.items, []);
});

test('half a character becomes another one, wherever it comes from', async () => {
  await using server = await startTestServer();
  const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  const body =
    '{"metadata":{"name":"\\ud800","labels":{"a\\\\ud800":"\\ud83d\\ude00"}},"rules":[]}';
  const { json } = await server.expect(422, 'POST', roles, { body });
  assert.ok(json.message.includes('"\ufffd" is invalid'), json.message);
  assert.ok(json.message.includes('"a\\\\ud800"'), json.message);
  assert.ok(json.message.includes('"\u{1f600}"'), json.message);
  await server.expect(201, 'POST', roles, { body: '{"metadata":{"generateName":"\\uD800"}}' });
});

// Each of these once took minutes, or all the memory there was.
test('an object of very many parts is judged in its own time', async () => {
  await using server = await startTestServer();
  const configMaps = '/api/v1/namespaces/default/configmaps';
  const many = <T>(count: number, make: (at: number) => T): T[] =>
    Array.from({ length: count }, (_, at) => make(at));
  const finalizers = (letter: string) => many(45_000, (at) => `a.b/${letter}${at}`);
  const held = { metadata: { name: 'held', finalizers: finalizers('f') } };
  await server.expect(201, 'POST', configMaps, { body: held });
  await server.expect(200, 'DELETE', `${configMaps}/held`);
  const others = { metadata: { name: 'held', finalizers: finalizers('g') } };
  await server.expect(422, 'PUT', `${configMaps}/held`, { body: others });
  const owner = { apiVersion: 'v1', kind: 'K', uid: 'u', controller: true };
  const owned = {
    metadata: {
      name: 'owned',
      ownerReferences: many(16_000, (at) => ({ ...owner, name: `n${at}` })),
    },
  };
  const refused = await server.expect(422, 'POST', configMaps, { body: owned });
  assert.match(refused.json.message, /and \d+ more\]$/);
  const unknown = Object.fromEntries(many(30_000, (at) => [`field${at}`, 0]));
  const odd = { metadata: { name: 'odd' }, ...unknown };
  await server.expect(201, 'POST', configMaps, { body: odd });
});

test('an object of very many managers is written and applied in its own time', async () => {
  await using server = await startTestServer();
  const configMaps = '/api/v1/namespaces/default/configmaps';
  const count = 6_000;
  const data = Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, '']));
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'm' }, data } });
  for (const operation of ['Update', 'Apply']) {
    const managedFields = Array.from({ length: count }, (_, at) => ({
      manager: `m${at}`,
      operation,
      apiVersion: 'v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { [`f:k${at}`]: {} } },
    }));
    const metadata = { name: 'm', managedFields };
    await server.expect(200, 'PUT', `${configMaps}/m`, { body: { metadata, data } });
  }
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  const changed = Object.fromEntries(Object.keys(data).map((key) => [key, 'x']));
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } };
  const path = `${configMaps}/m?fieldManager=m0&force=true`;
  await server.expect(200, 'PATCH', path, { headers, body: { ...config, data: changed } });
  await server.expect(200, 'PATCH', path, { headers, body: { ...config, data: { a: '' } } });
});

test('a list of a great many objects is answered', async () => {
  await using server = await startTestServer();
  const count = 150_000;
  for (let at = 0; at < count; at++) {
    const name = `c${at}`;
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, uid: name } };
    await server.store.create(`/registry/configmaps/default/${name}`, encodeForStore(object));
  }
  const path = '/api/v1/namespaces/default/configmaps';
  const { json } = await server.expect(200, 'GET', path);
  assert.equal(json.items.length, count);
});

/** A kind whose objects may hold anything. */
async function defineThings(
  server: TestServer,
  scale?: Readonly<Record<string, string>>,
): Promise<void> {
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    subresources: { status: {}, ...(scale === undefined ? {} : { scale }) },
  };
  const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };
  const body = {
    metadata: { name: `things.${group}` },
    spec: { group, names, scope: 'Namespaced', versions: [version] },
  };
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await server.expect(201, 'POST', definitions, { body });
  await settle();
  await settle();
}

test('a definition that names what the server has itself takes nothing of it along', async () => {
  await using server = await startTestServer();
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  const before = await server.expect(200, 'GET', roles);
  for (const version of ['v1', 'v2']) {
    const schema = { openAPIV3Schema: { type: 'object' } };
    const body = {
      metadata: {
        name: 'clusterroles.rbac.authorization.k8s.io',
        annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
      },
      spec: {
        group: 'rbac.authorization.k8s.io',
        names: { plural: 'clusterroles', singular: 'r', kind: 'R', listKind: 'RList' },
        scope: 'Cluster',
        versions: [{ name: version, served: true, storage: true, schema }],
      },
    };
    await server.expect(201, 'POST', definitions, { body });
    await settle();
    await server.expect(200, 'DELETE', `${definitions}/${body.metadata.name}`);
    for (let turn = 0; turn < 100; turn++) await settle();
    await server.expect(404, 'GET', `${definitions}/${body.metadata.name}`);
  }
  const after = await server.expect(200, 'GET', roles);
  assert.equal(after.json.items.length, before.json.items.length);
  const plain = { names: { plural: 'default', singular: 'd', kind: 'D', listKind: 'DList' } };
  const schema = { openAPIV3Schema: { type: 'object' } };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  const body = {
    metadata: { name: 'default.pods' },
    spec: { ...plain, group: 'pods', scope: 'Namespaced', versions },
  };
  await server.expect(422, 'POST', definitions, { body });
});
