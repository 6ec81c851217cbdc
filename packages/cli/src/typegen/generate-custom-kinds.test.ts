import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateCustomKinds } from './generate-custom-kinds.ts';

const kind = { group: 'shop.example.com', version: 'v1', kind: 'Widget' };
const operation = { get: { 'x-kubernetes-group-version-kind': kind } };

/** What a server says of a custom resource, without what a generator has no use for. */
const document = {
  paths: {
    '/apis/shop.example.com/v1/namespaces/{namespace}/widgets': operation,
    '/apis/shop.example.com/v1/namespaces/{namespace}/widgets/{name}': operation,
    '/apis/shop.example.com/v1/namespaces/{namespace}/widgets/{name}/status': operation,
    '/apis/shop.example.com/v1/widgets': operation,
  },
  components: {
    schemas: {
      'com.example.shop.v1.Widget': {
        type: 'object',
        'x-kubernetes-group-version-kind': [kind],
        properties: {
          apiVersion: { type: 'string', description: 'is left out' },
          kind: { type: 'string' },
          metadata: {
            allOf: [
              { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
            ],
          },
          spec: {
            type: 'object',
            required: ['size'],
            properties: {
              size: { type: 'string', enum: ['s', "it's"] },
              'odd-name': { type: 'array', items: { type: 'object', additionalProperties: true } },
              grid: { type: 'array', items: { type: 'array', items: { type: 'integer' } } },
              port: { 'x-kubernetes-int-or-string': true },
            },
          },
        },
      },
      'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': { type: 'object', properties: {} },
    },
  },
};

test('generateCustomKinds() makes types and a descriptor of a custom resource, and nothing of Kubernetes', () => {
  assert.deepEqual(
    [...generateCustomKinds([document])],
    [
      [
        'shop/v1.ts',
        `// Made by \`fairway typegen\` from the OpenAPI v3 documents of a cluster.
import type { ResourceDescriptor } from '@fairway/protocol';
import type { ObjectMeta } from '@fairway/kinds/meta/v1';
export interface Widget {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly spec?: {
    readonly grid?: readonly (readonly number[])[];
    readonly 'odd-name'?: readonly { readonly [key: string]: unknown }[];
    readonly port?: number | string;
    readonly size: 's' | 'it\\'s';
  };
}
export const Widget: ResourceDescriptor<Widget> = { group: 'shop.example.com', version: 'v1', kind: 'Widget', plural: 'widgets', isNamespaced: true };
`,
      ],
    ],
  );
});
