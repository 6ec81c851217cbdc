import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { protobufTable } from '@fairway/kinds/protobuf';
import { encodeKubernetesProtobuf } from '@fairway/protocol';
import { objectBytesMax, objectFieldsMax, objectValuesMax } from '../src/storage/object-limits.ts';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const configMaps = '/api/v1/namespaces/default/configmaps';
const secrets = '/api/v1/namespaces/default/secrets';
const mebibyte = 1024 * 1024;

suite('how large an object may be', () => {
  test('the largest ConfigMap and Secret fit, whatever is in them', async () => {
    await using server = await startTestServer();
    for (const text of ['x', '\n', '"', '\u00e9']) {
      const data = text.repeat((mebibyte - 1) / Buffer.byteLength(text));
      const body = { metadata: { generateName: 'c-' }, data: { k: data } };
      await server.expect(201, 'POST', configMaps, { body });
    }
    const data = Buffer.alloc(mebibyte).toString('base64');
    await server.expect(201, 'POST', secrets, {
      body: { metadata: { name: 's' }, data: { data } },
    });
  });

  /** What is refused before anything is done for it. */
  const atOnce = /^Request entity too large: the object takes more than the limit of \d+ bytes$/;

  test('what is too large for its marks alone is refused when it is written', async () => {
    await using server = await startTestServer();
    const things = await defineThings(server, 'x');
    const free = Object.fromEntries(
      Array.from({ length: 30_000 }, (_, at) => [`k${at}`, 'x'.repeat(43)]),
    );
    const body = {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: 't' },
      spec: { free },
    };
    const { json } = await server.expect(413, 'POST', things, { body });
    assert.match(
      json.message,
      /^Request entity too large: the object takes \d+ bytes, limit is \d+$/,
    );
  });

  test('what takes more is refused, however it is written', async () => {
    await using server = await startTestServer();
    const things = await defineThings(server, 'x');
    const half = 'x'.repeat(objectBytesMax / 2);
    const body = {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: 't' },
      spec: { free: { a: half } },
    };
    const large = { ...body, spec: { free: { a: half, b: half } } };
    const refused = await server.expect(413, 'POST', things, { body: large });
    assert.equal(refused.json.reason, 'RequestEntityTooLarge');
    assert.match(refused.json.message, atOnce);
    await server.expect(413, 'POST', `${things}?dryRun=All`, { body: large });
    const { json } = await server.expect(201, 'POST', things, { body });
    const { metadata } = json;
    const one = `${things}/t`;
    await server.expect(413, 'PUT', one, { body: { ...large, metadata } });
    const status = { ...body, metadata, status: { b: half } };
    await server.expect(413, 'PUT', `${one}/status`, { body: status });
    const merge = { headers: { 'content-type': 'application/merge-patch+json' } };
    const merged = { ...merge, body: { spec: { free: { b: half } } } };
    assert.match((await server.expect(413, 'PATCH', one, merged)).json.message, atOnce);
    await server.expect(413, 'PATCH', `${one}/status`, { ...merge, body: { status: { b: half } } });
    const patch = { headers: { 'content-type': 'application/json-patch+json' } };
    const copies = [{ op: 'copy', from: '/spec/free/a', path: '/spec/free/b' }];
    await server.expect(413, 'PATCH', one, { ...patch, body: copies });
    const after = await server.expect(200, 'GET', one);
    assert.equal(after.json.metadata.resourceVersion, metadata.resourceVersion);
  });

  test('patches do not let an object grow without end', async () => {
    await using server = await startTestServer();
    await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
      body: { metadata: { name: 'default' } },
    });
    const pods = '/api/v1/namespaces/default/podtemplates';
    const env = (letter: string): object[] =>
      Array.from({ length: 4_500 }, (_, at) => ({
        name: `${letter}${at}`,
        value: 'x'.repeat(20),
      }));
    const spec = (letter: string): object => ({
      containers: [{ name: 'c', image: 'i', env: env(letter) }],
    });
    const body = { metadata: { name: 'p' }, template: { spec: spec('a') } };
    await server.expect(201, 'POST', pods, { body });
    const headers = { 'content-type': 'application/strategic-merge-patch+json' };
    const codes: number[] = [];
    for (const letter of 'bcdef') {
      const patch = { template: { spec: spec(letter) } };
      codes.push((await server.request('PATCH', `${pods}/p`, { headers, body: patch })).status);
    }
    assert.deepEqual(codes, [200, 200, 413, 413, 413]);
  });

  test('defaults of a definition do not let one grow either', async () => {
    await using server = await startTestServer();
    const things = await defineThings(server, 'x'.repeat(100_000));
    const items = Array.from({ length: 50_000 }, () => null);
    const refused = await server.expect(413, 'POST', things, {
      body: {
        apiVersion: 'example.com/v1',
        kind: 'Thing',
        metadata: { name: 't' },
        spec: { items },
      },
    });
    assert.match(refused.json.message, /defaults add more than 1572864 bytes$/);
    await server.expect(201, 'POST', things, {
      body: { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 't' }, spec: {} },
    });
    const headers = { 'content-type': 'application/merge-patch+json' };
    await server.expect(413, 'PATCH', `${things}/t`, { headers, body: { spec: { items } } });
  });

  test('a definition that gets defaults later does not break the lists of its objects', async () => {
    await using server = await startTestServer();
    const things = await defineThings(server, undefined);
    const keys = Array.from({ length: 500 }, (_, at) => [`k${at}`, {}]);
    const wide = {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: 'w' },
      spec: { map: Object.fromEntries(keys) },
    };
    await server.expect(201, 'POST', things, { body: wide });
    await defineThings(server, 'x'.repeat(100_000), 'PATCH');
    const { json, bytes } = await server.expect(200, 'GET', things);
    assert.equal(json.items.length, 1);
    assert.ok(bytes.length > mebibyte && bytes.length < 2 * mebibyte, `${bytes.length} bytes`);
  });

  test('more fields and elements than anything needs are refused at the door', async () => {
    await using server = await startTestServer();
    const finalizers = Array.from({ length: objectValuesMax + 1 }, () => '');
    const body = { metadata: { name: 'm', finalizers } };
    const { json } = await server.expect(413, 'POST', configMaps, { body });
    assert.match(json.message, /more than 100000 fields and elements$/);
    await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'm' } } });
    const headers = { 'content-type': 'application/merge-patch+json' };
    await server.expect(413, 'PATCH', `${configMaps}/m`, { headers, body });
    const object = { apiVersion: 'v1', kind: 'ConfigMap', ...body };
    const protobuf = await server.expect(413, 'POST', configMaps, {
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
      body: encodeKubernetesProtobuf(object, protobufTable()),
    });
    assert.match(protobuf.json.message, /more than 100000 fields and elements$/);
  });

  test('may have as many fields in one map, however they come', async () => {
    await using server = await startTestServer();
    const keys = (from: number, count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${from + at}`, '']));
    const made = { metadata: { name: 'm' }, data: keys(0, objectFieldsMax) };
    await server.expect(201, 'POST', configMaps, { body: made });
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'n' } };
    const wide = { ...object, data: keys(0, objectFieldsMax + 1) };
    const bodies = {
      'application/json': Buffer.from(JSON.stringify(wide)),
      'application/yaml': Buffer.from(JSON.stringify(wide)),
      'application/vnd.kubernetes.protobuf': encodeKubernetesProtobuf(wide, protobufTable()),
    };
    for (const [type, body] of Object.entries(bodies)) {
      const headers = { 'content-type': type };
      const { json } = await server.expect(413, 'POST', configMaps, { headers, body });
      assert.match(json.message, /more than 32768 fields in one object$/, type);
    }
    const headers = { 'content-type': 'application/merge-patch+json' };
    const one = { data: { more: '' } };
    await server.expect(413, 'PATCH', `${configMaps}/m`, { headers, body: one });
    const finalizers = (from: number): readonly string[] =>
      Array.from({ length: 50_500 }, (_, at) => `a.b/${from + at}`);
    const held = { metadata: { name: 'n', finalizers: finalizers(0) } };
    await server.expect(201, 'POST', configMaps, { body: held });
    const append = { headers: { 'content-type': 'application/json-patch+json' } };
    const body = [{ op: 'copy', from: '/metadata/finalizers', path: '/binaryData' }];
    const { json } = await server.expect(413, 'PATCH', `${configMaps}/n`, { ...append, body });
    assert.match(json.message, /more than 100000 fields and elements$/);
  });

  test('one of very many parts lets others have their turn between its steps', async () => {
    await using server = await startTestServer();
    const keys = (letter: string): object =>
      Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`${letter}${at}`, 'x']));
    const turnsOf = async (code: number, method: string, path: string, body: object) => {
      let [turns, isDone] = [0, false];
      const text = JSON.stringify(body);
      const asked = server
        .expect(code, method, path, { body: text })
        .finally(() => (isDone = true));
      while (!isDone) {
        await new Promise((resolve) => setImmediate(resolve));
        turns += 1;
      }
      await asked;
      return turns;
    };
    const body = { metadata: { name: 'm' }, data: keys('a') };
    const created = await turnsOf(201, 'POST', configMaps, body);
    const replaced = await turnsOf(200, 'PUT', `${configMaps}/m`, { ...body, data: keys('b') });
    assert.deepEqual([created > 2, replaced > 2], [true, true], `${created} and ${replaced} turns`);
  });

  test('what is wrong with a large object is not told at any length', async () => {
    await using server = await startTestServer();
    const long = 'X'.repeat(objectBytesMax - 1_000);
    const bodies = [
      { metadata: { name: long } },
      { metadata: { name: 'a' }, kind: long },
      { metadata: { name: 'a' }, data: Object.fromEntries([[long, '']]) },
      { metadata: { name: 'a', finalizers: Array.from({ length: 90_000 }, () => '') } },
    ];
    for (const body of bodies) {
      const { status, bytes } = await server.request('POST', configMaps, { body });
      assert.ok(status === 400 || status === 422, `${status}`);
      assert.ok(bytes.length < mebibyte / 2, `${bytes.length} bytes`);
    }
  });
});

/** A kind whose items and values of a map have a default. */
async function defineThings(
  server: TestServer,
  text: string | undefined,
  method: 'POST' | 'PATCH' = 'POST',
): Promise<string> {
  const group = 'example.com';
  const filled = { type: 'string', ...(text === undefined ? {} : { default: text }) };
  const value = { type: 'object', properties: { text: filled } };
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const spec = {
    type: 'object',
    properties: {
      items: { type: 'array', items: filled },
      map: { type: 'object', additionalProperties: value },
      free: anything,
    },
  };
  const openAPIV3Schema = { type: 'object', properties: { spec, status: anything } };
  const subresources = { status: {} };
  const schema = { openAPIV3Schema };
  const versions = [{ name: 'v1', served: true, storage: true, schema, subresources }];
  const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const isNew = method === 'POST';
  await server.expect(
    isNew ? 201 : 200,
    method,
    isNew ? definitions : `${definitions}/things.${group}`,
    {
      headers: isNew ? {} : { 'content-type': 'application/merge-patch+json' },
      body: {
        metadata: { name: `things.${group}` },
        spec: { group, names, scope: 'Namespaced', versions },
      },
    },
  );
  await settle();
  await settle();
  return `/apis/${group}/v1/namespaces/default/things`;
}
