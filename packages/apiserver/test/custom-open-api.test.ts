import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';

interface Expected {
  readonly schema: object;
  readonly definitions: Readonly<Record<'v2' | 'v3', Readonly<Record<string, object>>>>;
  /** By path and method. */
  readonly operations: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

const url = new URL('fixtures/custom-open-api.json', import.meta.url);
const expected = JSON.parse(readFileSync(url, 'utf8')) as Expected;

async function startWith(schema: object): Promise<TestServer> {
  const server = await startTestServer();
  const body = {
    metadata: { name: 'orbits.space.example.com' },
    spec: {
      group: 'space.example.com',
      scope: 'Namespaced',
      names: { plural: 'orbits', kind: 'Orbit' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.tilt', statusReplicasPath: '.status.replicas' },
          },
        },
      ],
    },
  };
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await server.expect(201, 'POST', path, { body });
  for (let turn = 0; turn < 20; turn++) await settle();
  return server;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a document has many shapes
type Document = any;

/** What the fixture has of an operation of version 2. Parameters that several share stand in one place. */
function summary(operation: Document, shared: Document): object {
  const { parameters: listed = [], responses, consumes } = operation;
  const parameters = listed.map((each: Document) =>
    each.$ref === undefined ? each : shared[each.$ref.slice('#/parameters/'.length)],
  );
  const body = parameters.find((each: Document) => each.in === 'body');
  const names = parameters.filter((each: Document) => each !== body);
  return {
    operationId: operation.operationId,
    description: operation.description,
    action: operation['x-kubernetes-action'],
    parameters: names.map(({ name }: Document) => name).sort(),
    statuses: Object.keys(responses),
    returns: definitionOf(responses['200'].schema),
    ...(body === undefined ? {} : { body: definitionOf(body.schema) }),
    consumes,
  };
}

function definitionOf({ $ref }: Document): string {
  return $ref.slice('#/definitions/'.length);
}

suite('OpenAPI documents of custom resources', () => {
  test('describe objects, their lists and every operation as a kube-apiserver does', async () => {
    await using server = await startWith(expected.schema);
    const { json: v2 } = await server.expect(200, 'GET', '/openapi/v2');
    const { json: v3 } = await server.expect(200, 'GET', '/openapi/v3/apis/space.example.com/v1');
    for (const name of Object.keys(expected.definitions.v3)) {
      assert.deepEqual(v3['components'].schemas[name], expected.definitions.v3[name], name);
      assert.deepEqual(v2['definitions'][name], expected.definitions.v2[name], name);
    }
    const custom = Object.keys(v2['paths']).filter((path) => path.startsWith('/apis/space'));
    const ofOrbits = custom.filter((path) => path.includes('orbits')).sort();
    assert.deepEqual(ofOrbits, Object.keys(expected.operations).sort());
    for (const [path, operations] of Object.entries(expected.operations)) {
      const { parameters: _, ...found } = v2['paths'][path];
      assert.deepEqual(Object.keys(found).sort(), Object.keys(operations).sort(), path);
      for (const [method, operation] of Object.entries(operations)) {
        const described = summary(found[method], v2['parameters']);
        assert.deepEqual(described, operation, `${method} ${path}`);
        const kind = { group: 'space.example.com', version: 'v1', kind: 'Orbit' };
        assert.deepEqual(found[method]['x-kubernetes-group-version-kind'], kind);
      }
    }
  });

  test('version 2 says nothing of an object that may have any field', async () => {
    const properties = { a: { type: 'string' } };
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties };
    await using server = await startWith(open);
    const name = 'com.example.space.v1.Orbit';
    const kinds = [{ group: 'space.example.com', version: 'v1', kind: 'Orbit' }];
    const { json: v2 } = await server.expect(200, 'GET', '/openapi/v2');
    assert.deepEqual(v2['definitions'][name], {
      type: 'object',
      'x-kubernetes-group-version-kind': kinds,
    });
    const { json: v3 } = await server.expect(200, 'GET', '/openapi/v3/apis/space.example.com/v1');
    assert.deepEqual(v3['components'].schemas[name].properties.a, { type: 'string' });
  });
});
