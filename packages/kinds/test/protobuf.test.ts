import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { builtInDiscovery } from '@fairway/kinds/discovery';
import { protobufTable } from '@fairway/kinds/protobuf';
import { builtInSchemas } from '@fairway/kinds/schema';
import {
  ProtobufError,
  type Schema,
  decodeKubernetesProtobuf,
  encodeKubernetesProtobuf,
} from '@fairway/protocol';

const table = protobufTable();
const schemas = builtInSchemas();

const kinds = builtInDiscovery().flatMap(({ group, versions }) =>
  versions.flatMap(({ version, resources }) =>
    resources.map(({ kind }) => ({
      apiVersion: group === '' ? version : `${group}/${version}`,
      kind,
    })),
  ),
);

function roundTrip(object: object): object {
  return decodeKubernetesProtobuf(encodeKubernetesProtobuf(object, table), table).object;
}

/** Values a schema allows that Go's JSON would say: nothing empty that `omitempty` leaves out. */
function valueOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.isIntOrString === true) return fc.oneof(fc.nat(), fc.string({ minLength: 1 }));
  switch (schema.type) {
    case 'boolean':
      return fc.constant(true);
    case 'integer':
      return fc.integer({ min: 1, max: schema.format === 'int64' ? 2 ** 53 - 1 : 2 ** 31 - 1 });
    case 'number':
      return fc.double({ min: 0.5, max: 1e9, noNaN: true });
    case 'string':
      return textOf(schema);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, depth - 1), { minLength: 1, maxLength: 3 });
    case 'object':
      return objectOf(schema, depth);
    default:
      return fc.constant({ any: ['json', 1] });
  }
}

function textOf({ format }: Schema): fc.Arbitrary<unknown> {
  const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
  const date = (count: number): string => new Date(count * 1000).toISOString().slice(0, 19);
  switch (format) {
    case 'date-time':
      return seconds.map((count) => `${date(count)}Z`);
    case 'micro-time':
      return seconds.map((count) => `${date(count)}.000123Z`);
    case 'quantity':
      return fc.constantFrom('1', '100m', '2Gi');
    case 'byte':
      return fc
        .uint8Array({ minLength: 1, maxLength: 9 })
        .map((bytes) => Buffer.from(bytes).toString('base64'));
    default:
      return fc.string({ minLength: 1, maxLength: 60, unit: 'binary' });
  }
}

function objectOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.preservesUnknownFields === true) return fc.constant({ 'f:any': { '.': {} } });
  if (schema.additionalProperties !== undefined) {
    const value = valueOf(schema.additionalProperties, depth - 1);
    return fc.dictionary(fc.string({ maxLength: 9 }), value, {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    });
  }
  if (depth <= 0) return fc.constant({});
  const fields = [...(schema.properties ?? [])].filter(
    // A definition's union fields allow anything in OpenAPI; the kinds' own test covers them.
    ([name, field]) => name !== 'apiVersion' && name !== 'kind' && field.type !== undefined,
  );
  const chosen = fields.map(([name, field]) =>
    fc.option(fc.tuple(fc.constant(name), valueOf(field, depth - 1)), { freq: 1, nil: undefined }),
  );
  return fc
    .tuple(...chosen)
    .map((entries) => Object.fromEntries(entries.filter((entry) => entry !== undefined)));
}

test('every kind that discovery lists has a protobuf message', () => {
  for (const { apiVersion, kind } of kinds) {
    assert.deepEqual(roundTrip({ apiVersion, kind }), { apiVersion, kind });
  }
});

test('every kind comes back from protobuf as it went', () => {
  for (const { apiVersion, kind } of kinds) {
    const schema = schemas.lookup(apiVersion, kind);
    assert.ok(schema, kind);
    fc.assert(
      fc.property(valueOf(schema, 7), (fields) => {
        const object = { apiVersion, kind, ...(fields as object) };
        assert.deepEqual(roundTrip(object), object);
      }),
      { numRuns: 3 },
    );
  }
});

test('a zero that is set is kept, and an empty field that Go merely writes is not', () => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };
  const pod = { apiVersion: 'v1', kind: 'Pod' };
  assert.deepEqual(
    roundTrip({ ...deployment, spec: { replicas: 0, paused: false, minReadySeconds: 0 } }),
    {
      ...deployment,
      spec: { replicas: 0 },
    },
  );
  const container = {
    name: 'a',
    image: '',
    ports: [{ containerPort: 80, hostPort: 0, protocol: '' }],
  };
  const spec = {
    terminationGracePeriodSeconds: 0,
    hostNetwork: false,
    nodeName: '',
    containers: [container],
  };
  assert.deepEqual(roundTrip({ ...pod, spec }), {
    ...pod,
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'a', ports: [{ containerPort: 80 }] }],
    },
  });
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
  assert.deepEqual(roundTrip({ ...claim, spec: { storageClassName: '', volumeName: '' } }), {
    ...claim,
    spec: { storageClassName: '' },
  });
  const options = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: 0,
    orphanDependents: false,
  };
  assert.deepEqual(roundTrip(options), options);
});

test('inline messages, respelled fields, options of every group and lists of strings', () => {
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      spec: {
        volumes: [
          { name: 'v', configMap: { name: 'c', optional: false } },
          { name: 'e', emptyDir: {} },
        ],
        containers: [{ name: 'a', livenessProbe: { httpGet: { port: 'http' }, periodSeconds: 1 } }],
        ephemeralContainers: [{ name: 'd', image: 'i', targetContainerName: 'a' }],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      webhooks: [{ name: 'w', rules: [{ apiGroups: ['*'], operations: ['CREATE'] }] }],
    },
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: 'u', extra: { scopes: ['a', 'b'] } },
      status: { allowed: false },
    },
    { apiVersion: 'apps/v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' },
    { apiVersion: 'v1', kind: 'Status', status: 'Failure', code: 404 },
    { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '1' }, items: [] },
    { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: { name: 'a' } },
    { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } },
    { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Pod' }] },
  ];
  for (const object of objects) assert.deepEqual(roundTrip(object), object);
});

test('a custom resource definition keeps the unions of its schema', () => {
  const object = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    spec: {
      group: 'a.b',
      scope: 'Cluster',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: false,
          schema: {
            openAPIV3Schema: {
              $schema: 'x',
              'x-kubernetes-preserve-unknown-fields': false,
              minLength: 0,
              default: { a: [1, null] },
              enum: ['a', 1, null],
              items: { type: 'string' },
              additionalProperties: false,
              properties: {
                a: { items: [{ type: 'string' }], additionalProperties: { type: 'integer' } },
              },
              dependencies: { a: ['b'], c: { type: 'object' } },
            },
          },
        },
      ],
    },
  };
  assert.deepEqual(roundTrip(object), object);
});

test('a kind that has no message is refused by name', () => {
  for (const apiVersion of ['meta.k8s.io/v1', 'example.io/v1', 'constructor']) {
    assert.throws(
      () => encodeKubernetesProtobuf({ apiVersion, kind: 'Table' }, table),
      (error) => error instanceof ProtobufError && error.problem === 'unknown-kind',
    );
  }
});

test('a damaged body is a ProtobufError or another object, never anything else', () => {
  const body = encodeKubernetesProtobuf(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', labels: { a: 'b' }, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1' } } }], priority: 1 },
    },
    table,
  );
  fc.assert(
    fc.property(fc.nat(body.length - 1), fc.nat(255), (index, byte) => {
      for (const bytes of [body.with(index, byte), body.subarray(0, index)]) {
        try {
          decodeKubernetesProtobuf(bytes, table);
        } catch (error) {
          assert.ok(error instanceof ProtobufError, String(error));
        }
      }
    }),
    { numRuns: 500 },
  );
});
