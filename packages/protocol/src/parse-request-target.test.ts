import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ApiError } from './api-error.ts';
import { parseRequestTarget } from './parse-request-target.ts';
import type { ResourceTarget } from './request-target.ts';
import { formatResourcePath } from './resource-path.ts';

const none = { group: '', version: 'v1', namespace: '', name: '', subresource: '', rest: '' };

function byName(value: string, isEqual = true): Partial<ResourceTarget> {
  return { fieldSelector: [{ field: 'metadata.name', isEqual, value }] };
}

const targets: readonly (readonly [string, Partial<ResourceTarget>])[] = [
  ['GET /api/v1/pods', { verb: 'list', plural: 'pods' }],
  ['GET /api/v1/pods/', { verb: 'list', plural: 'pods' }],
  ['HEAD /api/v1/namespaces/a/pods/b', { verb: 'get', plural: 'pods', namespace: 'a', name: 'b' }],
  ['POST /api/v1/namespaces/a/pods', { verb: 'create', plural: 'pods', namespace: 'a' }],
  [
    'DELETE /api/v1/namespaces/a/pods',
    { verb: 'deletecollection', plural: 'pods', namespace: 'a' },
  ],
  ['DELETE /api/v1/nodes/n', { verb: 'delete', plural: 'nodes', name: 'n' }],
  ['OPTIONS /api/v1/nodes/n', { verb: '', plural: 'nodes', name: 'n' }],
  ['GET /api/v1/namespaces', { verb: 'list', plural: 'namespaces' }],
  ['GET /api/v1/namespaces/a', { verb: 'get', plural: 'namespaces', namespace: 'a', name: 'a' }],
  ['GET /api/v1/namespaces/a/', { verb: 'get', plural: 'namespaces', namespace: 'a', name: 'a' }],
  [
    'PUT /api/v1/namespaces/a/finalize',
    { verb: 'update', plural: 'namespaces', namespace: 'a', name: 'a', subresource: 'finalize' },
  ],
  [
    'PATCH /apis/apps/v1/namespaces/a/deployments/d/scale',
    {
      verb: 'patch',
      group: 'apps',
      plural: 'deployments',
      namespace: 'a',
      name: 'd',
      subresource: 'scale',
    },
  ],
  ['GET /api/v1/pods?watch=1', { verb: 'watch', plural: 'pods' }],
  ['GET /api/v1/pods?watch', { verb: 'watch', plural: 'pods' }],
  ['GET /api/v1/pods?watch=False', { verb: 'list', plural: 'pods' }],
  ['GET /api/v1/pods?watch=0', { verb: 'list', plural: 'pods' }],
  [
    'GET /api/v1/namespaces/a/pods/b?watch=true',
    { verb: 'get', plural: 'pods', namespace: 'a', name: 'b' },
  ],
  [
    'GET /api/v1/pods?fieldSelector=metadata.name%3Dx',
    { verb: 'list', plural: 'pods', name: 'x', ...byName('x') },
  ],
  [
    'GET /api/v1/pods?fieldSelector=metadata.name!%3Dx',
    { verb: 'list', plural: 'pods', ...byName('x', false) },
  ],
  [
    'GET /api/v1/pods?fieldSelector=metadata.name%3D..',
    { verb: 'list', plural: 'pods', ...byName('..') },
  ],
  [
    'GET /api/v1/pods?watch=1&labelSelector=a%3Db,!c',
    {
      verb: 'watch',
      plural: 'pods',
      labelSelector: [
        { key: 'a', operator: '=', values: ['b'] },
        { key: 'c', operator: 'absent', values: [] },
      ],
    },
  ],
  [
    'DELETE /api/v1/pods?fieldSelector=metadata.name%3Dx',
    { verb: 'deletecollection', plural: 'pods', ...byName('x') },
  ],
  ['GET /api/v1/pods?labelSelector=%3D&fieldSelector=', { verb: 'list', plural: 'pods' }],
  ['GET /api/v1/watch/pods?fieldSelector=metadata.name%3Dx', { verb: 'watch', plural: 'pods' }],
  ['GET /api/v1/pods?fieldSelector=metadata.name%3D%5C', { verb: 'list', plural: 'pods' }],
  ['GET /api/v1/watch/namespaces/a/pods', { verb: 'watch', plural: 'pods', namespace: 'a' }],
  [
    'GET /api/v1/watch/namespaces/a/pods/b',
    { verb: 'watch', plural: 'pods', namespace: 'a', name: 'b' },
  ],
  [
    'GET /api/v1/namespaces/a/services/http:s:80/proxy/x%2Fy//../z/',
    {
      verb: 'get',
      plural: 'services',
      namespace: 'a',
      name: 'http:s:80',
      subresource: 'proxy',
      rest: '/x%2Fy//../z/',
    },
  ],
  [
    'GET /api/v1/nodes/n/proxy/',
    { verb: 'get', plural: 'nodes', name: 'n', subresource: 'proxy', rest: '/' },
  ],
  [
    'GET /api/v1/nodes/n/proxy/%zz',
    { verb: 'get', plural: 'nodes', name: 'n', subresource: 'proxy', rest: '/%zz' },
  ],
  ['GET /api/v1/proxy/nodes/n/logs', { verb: 'proxy', plural: 'nodes', name: 'n', rest: '/logs' }],
  [
    'GET /api/v1/nodes/n/status/more',
    { verb: 'get', plural: 'nodes', name: 'n', subresource: 'status', rest: '/more' },
  ],
];

test('parseRequestTarget() reads verb, resource and address', () => {
  for (const [line, expected] of targets) {
    assert.deepEqual(parse(line), { isResource: true, ...none, ...expected }, line);
  }
});

test('parseRequestTarget() leaves every other path to its own handler', () => {
  const paths = [
    '/',
    '/api',
    '/api/v1',
    '/apis/apps',
    '/apis/apps/v1',
    '/healthz',
    '/api//v1/pods',
    '/api/v1//pods',
  ];
  for (const path of paths) {
    assert.deepEqual(parse(`GET ${path}`), { isResource: false, verb: 'get', path });
  }
  assert.deepEqual(parse('GET /logs/a%20b'), { isResource: false, verb: 'get', path: '/logs/a b' });
});

test('parseRequestTarget() refuses what could lead elsewhere', () => {
  const refusals: readonly (readonly [string, string])[] = [
    ['/api/v1/namespaces/../pods', 'Namespace parameter invalid: "..": may not be \'..\''],
    ['/api/v1/namespaces/a/pods/..', 'Name parameter invalid: "..": may not be \'..\''],
    ['/api/v1/namespaces/a/pods/%2e%2E', 'Name parameter invalid: "..": may not be \'..\''],
    ['/api/v1/namespaces/a/pods/b%2Fc', 'Name parameter invalid: "b/c": may not contain \'/\''],
    ['/api/v1/namespaces/a/pods/%zz', 'invalid URL escape in "%zz"'],
    ['/api/v1/namespaces/a/pods/%c3', 'invalid URL escape in "%c3"'],
    ['/api/v1/watch', 'unable to determine kind and namespace from url, /api/v1/watch'],
    ['/healthz/%', 'invalid URL escape in "/healthz/%"'],
  ];
  for (const [path, message] of refusals) {
    assert.throws(() => parse(`GET ${path}`), { name: 'ApiError', code: 400, message });
  }
});

test('parseRequestTarget() reads back what formatResourcePath() wrote', () => {
  const segment = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => !/[/%]/.test(text) && text !== '.' && text !== '..');
  const plural = segment.filter((text) => !['watch', 'proxy', 'namespaces'].includes(text));
  const address = fc.record({
    group: fc.oneof(fc.constant(''), segment),
    version: segment,
    plural,
    namespace: segment,
    name: segment,
    subresource: fc.oneof(fc.constant(''), segment),
  });
  fc.assert(
    fc.property(address, fc.boolean(), (at, isNamespaced) => {
      fc.pre(!isNamespaced || !['status', 'finalize'].includes(at.plural));
      const path = formatResourcePath(
        { ...at, isNamespaced },
        {
          name: at.name,
          ...(isNamespaced ? { namespace: at.namespace } : {}),
          ...(at.subresource === '' ? {} : { subresource: at.subresource }),
        },
      );
      const expected = { isResource: true, verb: 'get', ...at, rest: '' };
      const namespace = isNamespaced ? at.namespace : '';
      assert.deepEqual(parse(`GET ${path}`), { ...expected, namespace });
    }),
  );
});

test('parseRequestTarget() throws nothing but an ApiError', () => {
  const piece = fc.oneof(
    fc.constantFrom('api', 'apis', 'v1', 'namespaces', 'watch', 'proxy', '..', '%2f', '%', ''),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), fc.string(), (pieces, query) => {
      try {
        parseRequestTarget({ method: 'GET', path: `/${pieces.join('/')}`, query });
      } catch (error) {
        assert.ok(error instanceof ApiError);
      }
    }),
  );
});

function parse(line: string): ReturnType<typeof parseRequestTarget> {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  return parseRequestTarget({ method, path, query });
}
