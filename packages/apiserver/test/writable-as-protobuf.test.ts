import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@fairway/host/testing';
import { protobufTable } from '@fairway/kinds/protobuf';
import { builtInSchemas } from '@fairway/kinds/schema';
import {
  type KubernetesObject,
  type Schema,
  apiVersionOf,
  decodeKubernetesProtobuf,
  encodeKubernetesProtobuf,
} from '@fairway/protocol';
import { conformToSchema } from '@fairway/schema';
import { encodeForStore } from '../src/storage/object-bytes.ts';
import { builtInResources } from '../src/registry/built-in-resources.ts';
import { startTestServer } from '@fairway/apiserver/testing';

// One that was stored and cannot be written would break the list of its kind for everybody.
test('an object that a body is taken for can be written as protobuf', () => {
  const random = seededRandom(11);
  let taken = 0;
  for (const resource of builtInResources(builtInSchemas())) {
    const { kind, schema } = resource;
    const apiVersion = apiVersionOf(resource);
    for (let round = 0; round < 60; round++) {
      const odd = { left: 1 };
      const draft = valueOf(schema, { depth: 7, random: random.fraction, odd });
      const object = { ...(draft as object), kind, apiVersion };
      const text = JSON.stringify(object);
      const { typeError } = conformToSchema(object, { schema, kind });
      if (typeError !== undefined) continue;
      taken += 1;
      assert.doesNotThrow(() => encodeKubernetesProtobuf(object, protobufTable()), text);
    }
  }
  assert.ok(taken > 1_000, `${taken} objects`);
});

test('what is stored and cannot be written breaks neither a list nor a watch', async () => {
  await using server = await startTestServer();
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  for (const [name, renewTime] of [
    ['a', 'yesterday'],
    ['b', '2026-01-02T03:04:05.000006Z'],
  ]) {
    const metadata = { name, namespace: 'default', uid: name };
    const spec = { holderIdentity: 'me', renewTime };
    const object = { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata, spec };
    const bytes = encodeForStore(object as KubernetesObject);
    await server.store.create(`/registry/coordination.k8s.io/leases/default/${name}`, bytes);
  }
  const headers = { accept: 'application/vnd.kubernetes.protobuf' };
  const { bytes } = await server.expect(200, 'GET', leases, { headers });
  const { items } = decodeKubernetesProtobuf(bytes, protobufTable()).object as unknown as {
    items: readonly { metadata: { name: string }; spec: object }[];
  };
  assert.deepEqual(
    items.map(({ metadata, spec }) => [metadata.name, spec]),
    [
      ['a', { holderIdentity: 'me' }],
      ['b', { holderIdentity: 'me', renewTime: '2026-01-02T03:04:05.000006Z' }],
    ],
  );
  await using watch = await server.watch(`${leases}?watch=1&resourceVersion=0`, { headers });
  assert.match(Buffer.from((await watch.nextChunk()) ?? []).toString('latin1'), /ADDED/);
});

const oddValues: readonly unknown[] = [
  'yesterday',
  '',
  null,
  true,
  0.5,
  -1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 63,
  1e20,
  [],
  {},
  [null],
  [5],
  { a: null },
  { a: 5 },
  '2020-01-02T03:04:05.5+02:00',
  '9999-12-31T23:59:59-01:00',
  '24:00',
  'YQ',
  '1Ki',
];

interface Making {
  readonly depth: number;
  readonly random: () => number;
  /** How many values may be anything. */
  readonly odd: { left: number };
}

/** A value as the schema wants it, but for one. */
function valueOf(schema: Schema, making: Making): unknown {
  const { depth, random, odd } = making;
  if (odd.left > 0 && random() < 0.05) {
    odd.left -= 1;
    return oddValues[Math.floor(random() * oddValues.length)];
  }
  const inner = { ...making, depth: depth - 1 };
  if (schema.isIntOrString === true) return random() < 0.5 ? 5 : '5%';
  switch (schema.type) {
    case 'object': {
      if (schema.additionalProperties !== undefined) {
        return { k: valueOf(schema.additionalProperties, inner) };
      }
      const fields = [...(schema.properties ?? [])].filter(
        () => random() < 4 / (1 + (schema.properties?.size ?? 0)),
      );
      return depth <= 0
        ? {}
        : Object.fromEntries(fields.map(([name, child]) => [name, valueOf(child, inner)]));
    }
    case 'array':
      return depth <= 0 ? [] : [valueOf(schema.items ?? {}, inner)];
    case 'integer':
      return 5;
    case 'number':
      return 0.5;
    case 'boolean':
      return true;
    case 'string':
      return texts[schema.format ?? ''] ?? 'a';
    default:
      return {};
  }
}

const texts: Readonly<Record<string, string>> = {
  'date-time': '2020-01-02T03:04:05Z',
  'micro-time': '2020-01-02T03:04:05.000006Z',
  byte: 'YQ==',
  quantity: '1Gi',
};
