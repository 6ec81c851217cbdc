import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { decodeOpenApi } from './open-api-protobuf.ts';
import { settle } from '@fairway/host/testing';
import { startTestServer } from '@fairway/apiserver/testing';

const recorded: { documents: Record<string, string>; index: string[] } = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'fixtures/golden/open-api.json'), 'utf8'),
);

/** Writes objects with their fields in order, as a replacer of JSON. */
function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const gadgets = {
  metadata: { name: 'gadgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Gadget', plural: 'gadgets' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', description: 'what is wanted' } },
          },
        },
      },
    ],
  },
};

const protobufAsked = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const protobufSent = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

suite('OpenAPI', () => {
  test('the index leads to documents that may be kept for good', async () => {
    await using server = await startTestServer();
    const { json } = await server.expect(200, 'GET', '/openapi/v3');
    const path: string = json['paths']['apis/apps/v1'].serverRelativeURL;
    assert.match(path, /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/);
    const document = await server.expect(200, 'GET', path);
    assert.equal(document.headers['cache-control'], 'public, immutable');
    const headers = { 'if-none-match': String(document.headers['etag']) };
    const same = await server.expect(304, 'GET', path, { headers });
    assert.equal(same.bytes.length, 0);
    const moved = await server.expect(301, 'GET', '/openapi/v3/apis/apps/v1?hash=OLD');
    assert.equal(moved.headers['location'], path);
    await server.expect(404, 'GET', '/openapi/v3/apis/nobody/v1');
    await server.expect(406, 'GET', '/openapi/v3', { headers: { accept: 'text/html' } });
  });

  test('a document says what kubectl asks before it lets the server validate', async () => {
    await using server = await startTestServer();
    const { json } = await server.expect(200, 'GET', '/openapi/v3/apis/apps/v1');
    const { patch } = json['paths']['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'];
    assert.deepEqual(patch['x-kubernetes-group-version-kind'], {
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
    });
    const names = patch.parameters.map(({ name }: { name: string }) => name);
    assert.ok(names.includes('dryRun') && names.includes('fieldValidation'));
    assert.equal(patch['x-kubernetes-action'], 'patch');
    assert.equal(patch.operationId, 'patchAppsV1NamespacedDeployment');
  });

  test('every reference in every document leads somewhere', async () => {
    await using server = await startTestServer();
    const { json } = await server.expect(200, 'GET', '/openapi/v3');
    for (const path of Object.keys(json['paths'])) {
      const document = await server.expect(200, 'GET', `/openapi/v3/${path}`);
      const { schemas } = document.json['components'];
      for (const [, name = ''] of document.text.matchAll(
        /"\$ref":"#\/components\/schemas\/([^"]+)"/g,
      )) {
        assert.ok(name in schemas, `${path} does not define ${name}`);
      }
    }
  });

  test('every document says field for field what a recorded server says', async () => {
    await using server = await startTestServer();
    const { json } = await server.expect(200, 'GET', '/openapi/v3');
    assert.deepEqual(Object.keys(json['paths']), recorded.index);
    for (const [path, sha256] of Object.entries(recorded.documents)) {
      const document = await server.expect(200, 'GET', path);
      const text = JSON.stringify(document.json, sortedKeys);
      assert.equal(createHash('sha256').update(text).digest('hex'), sha256, path);
    }
    const swagger = await server.expect(200, 'GET', '/openapi/v2');
    assert.equal(Object.keys(swagger.json['paths']).length, 408);
    await server.expect(200, 'GET', '/openapi/v3/.well-known/openid-configuration');
  });

  test('a custom resource is described in the words of built-in ones', async () => {
    await using server = await startTestServer();
    await server.expect(201, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: gadgets,
    });
    await settle();
    const { json } = await server.expect(200, 'GET', '/openapi/v3/apis/example.com/v1');
    const { get, parameters } = json['paths']['/apis/example.com/v1/gadgets'];
    assert.equal(get.description, 'list objects of kind Gadget');
    const names = parameters.map(({ name }: { name: string }) => name);
    assert.ok(names.includes('watch') && names.includes('pretty'), names);
    assert.ok(parameters.every(({ description }: { description: string }) => description !== ''));
    const { patch } =
      json['paths']['/apis/example.com/v1/namespaces/{namespace}/gadgets/{name}/status'];
    assert.equal(patch.description, 'partially update status of the specified Gadget');
    const { properties } = json['components'].schemas['com.example.v1.Gadget'];
    assert.match(properties.apiVersion.description, /^APIVersion defines the versioned schema/);
    assert.equal(properties.spec.description, 'what is wanted');
  });

  test('version 3 says the same in JSON and in protobuf', async () => {
    await using server = await startTestServer();
    await server.expect(201, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: gadgets,
    });
    await settle();
    const headers = { accept: 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf' };
    for (const path of ['version', 'api/v1', 'apis/apps/v1', 'apis/example.com/v1']) {
      const { json } = await server.expect(200, 'GET', `/openapi/v3/${path}`);
      const encoded = await server.expect(200, 'GET', `/openapi/v3/${path}`, { headers });
      assert.equal(
        encoded.headers['content-type'],
        'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
      );
      assert.deepEqual(decodeOpenApi(encoded.bytes, 3), json, path);
    }
  });

  test('version 2 says the same in JSON and in protobuf', async () => {
    await using server = await startTestServer();
    await server.expect(201, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: gadgets,
    });
    await settle();
    const { json, text } = await server.expect(200, 'GET', '/openapi/v2');
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)) {
      assert.ok(name in json['definitions'], name);
    }
    const headers = { accept: protobufAsked };
    const encoded = await server.expect(200, 'GET', '/openapi/v2', { headers });
    assert.equal(encoded.headers['content-type'], protobufSent);
    assert.deepEqual(decodeOpenApi(encoded.bytes, 2), json);
  });
});
