import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';

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

  test('version 2 says the same in JSON and in protobuf', async () => {
    await using server = await startTestServer();
    const { json, text } = await server.expect(200, 'GET', '/openapi/v2');
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)) {
      assert.ok(name in json['definitions'], name);
    }
    const headers = { accept: protobufAsked };
    const encoded = await server.expect(200, 'GET', '/openapi/v2', { headers });
    assert.equal(encoded.headers['content-type'], protobufSent);
    const names = fieldsOf(encoded.bytes)
      .filter(({ field }) => field === 9)
      .flatMap(({ bytes }) => fieldsOf(bytes))
      .map(({ bytes }) => fieldsOf(bytes)[0]?.bytes.toString());
    assert.deepEqual(names, Object.keys(json['definitions']));
  });
});

/** The length-delimited fields of a protobuf message. */
function fieldsOf(bytes: Buffer): { field: number; bytes: Buffer }[] {
  const fields: { field: number; bytes: Buffer }[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    assert.equal(tag & 7, 2);
    const size = varint();
    fields.push({ field: tag >>> 3, bytes: bytes.subarray(at, at + size) });
    at += size;
  }
  return fields;
}
