import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import fc from 'fast-check';
import { startTestServer } from '@fairway/apiserver/testing';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'as.b.c' },
  spec: {
    group: 'b.c',
    scope: 'Namespaced',
    names: { plural: 'as', kind: 'A', shortNames: ['x'], categories: ['all'] },
    conversion: { strategy: 'None' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        deprecated: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              metadata: { type: 'object', properties: { name: { type: 'string' } } },
              spec: {
                type: 'object',
                default: {},
                properties: {
                  list: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['k'],
                    items: {
                      type: 'object',
                      required: ['k'],
                      properties: { k: { type: 'string' } },
                    },
                  },
                  word: { type: 'string', enum: ['a'], pattern: '^a' },
                  map: { type: 'object', additionalProperties: { type: 'integer', minimum: 1 } },
                  either: {
                    type: 'object',
                    properties: { a: { type: 'string' } },
                    anyOf: [{ required: ['a'] }],
                  },
                  template: {
                    type: 'object',
                    'x-kubernetes-embedded-resource': true,
                    'x-kubernetes-preserve-unknown-fields': true,
                  },
                },
              },
            },
          },
        },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.r', statusReplicasPath: '.status.r' },
        },
        selectableFields: [{ jsonPath: '.spec.word' }],
        additionalPrinterColumns: [{ name: 'C', type: 'string', jsonPath: '.spec.word' }],
      },
    ],
  },
};

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const isList = Array.isArray(value);
  const below = Object.entries(value).flatMap(([key, child]) =>
    pathsOf(child, [...path, isList ? Number(key) : key]),
  );
  return path.length === 0 ? below : [path, ...below];
}

const oddValue = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1.5, '', 'x', 'object', 'array', [], {}, [null], { a: null }),
  fc.constantFrom({ $ref: '#' }, [{}], '(((', '.spec[', { type: 'null' }, { items: null }),
  fc.jsonValue(),
);

function withValueAt(root: unknown, path: Path, value: unknown): unknown {
  const copy = structuredClone(root);
  let parent = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) parent = parent[step] as typeof parent;
  parent[path.at(-1) ?? ''] = value;
  return copy;
}

const objects = [
  {},
  { spec: null, metadata: { name: 'q' }, status: 1 },
  {
    spec: {
      list: [{ k: 'a' }, null, 3],
      word: null,
      map: { a: 'x' },
      either: {},
      template: { metadata: 3 },
    },
  },
  { spec: { template: { metadata: { labels: 3 } } } },
  { metadata: { name: 'ok' }, spec: { word: 'a', list: [{ k: 'z' }], either: { a: '1' } } },
];

test('no definition, however odd, breaks the server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...pathsOf(definition)), oddValue, async (path, value) => {
      await using server = await startTestServer();
      const answers: number[] = [];
      const ask = async (...request: Parameters<typeof server.request>): Promise<number> => {
        const { status } = await server.request(...request);
        answers.push(status);
        return status;
      };
      const body = withValueAt(definition, path, value);
      await ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body });
      await settle();
      for (const each of objects) {
        await ask('POST', '/apis/b.c/v1/namespaces/default/as', { body: each });
      }
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
      await ask('GET', '/apis/b.c/v1/as', { headers: { accept } });
      for (const document of ['/openapi/v3/apis/b.c/v1', '/openapi/v2', '/apis/b.c/v1']) {
        await ask('GET', document);
      }
      assert.ok(
        answers.every((status) => status < 500),
        `answers ${answers.join(' ')}`,
      );
    }),
    { numRuns: 20 },
  );
});
