import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import {
  type Extension,
  group,
  jsonAnswer,
  plainAnswer,
  recordingExtension,
  root,
  startWithExtension,
} from './extension-server.ts';

const place = `apis/${group}/v1beta1`;
const tide = 'example.tides.v1beta1.Tide';

const tideDocument = {
  openapi: '3.0.0',
  info: { title: 'tides', version: '1' },
  paths: {
    [`/${place}/namespaces/{namespace}/tides/{name}`]: {
      get: {
        description: 'read the tide',
        operationId: 'readTide',
        responses: {
          '200': {
            description: 'OK',
            content: { 'application/json': { schema: { $ref: `#/components/schemas/${tide}` } } },
          },
        },
      },
    },
    '/apis/apps/v1/namespaces/{namespace}/deployments': { get: { description: 'not its own' } },
  },
  components: {
    schemas: {
      [tide]: {
        type: 'object',
        description: 'how high the water stands',
        properties: {
          metadata: {
            $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
          },
        },
        'x-kubernetes-group-version-kind': [{ group, version: 'v1beta1', kind: 'Tide' }],
      },
    },
  },
};

/** A server with documents, of which the index says the hash. */
async function startDocumented(
  extension: Extension,
  document: object = tideDocument,
): Promise<TestServer> {
  extension.answer = async (request) => {
    const { path } = request;
    if (path === '/openapi/v3') {
      const paths = {
        [place]: { serverRelativeURL: `/openapi/v3/${place}?hash=ABC` },
        'apis/apps/v1': { serverRelativeURL: '/openapi/v3/apis/apps/v1?hash=STOLEN' },
      };
      return jsonAnswer({ paths });
    }
    if (path === `/openapi/v3/${place}`) return jsonAnswer(document, { etag: '"ABC"' });
    return plainAnswer(request);
  };
  const server = await startWithExtension(extension);
  while ((await index(server))[place] === undefined) await settle();
  return server;
}

async function index(server: TestServer): Promise<Record<string, { serverRelativeURL: string }>> {
  return (await server.expect(200, 'GET', '/openapi/v3')).json['paths'];
}

test('the index of documents names those of other servers, each for its own version alone', async () => {
  const extension = recordingExtension();
  await using server = await startDocumented(extension);
  const paths = await index(server);
  assert.equal(paths[place]?.serverRelativeURL, `/openapi/v3/${place}?hash=ABC`);
  assert.doesNotMatch(paths['apis/apps/v1']?.serverRelativeURL ?? '', /STOLEN/);
  assert.deepEqual(Object.keys(paths), Object.keys(paths).sort());
});

test('a document of another server comes from there, as its caller asks for it', async () => {
  const extension = recordingExtension();
  await using server = await startDocumented(extension);
  const handler = server.api.handlerFor({ username: 'bob', groups: ['system:authenticated'] });
  const headers = { 'if-none-match': '"old"' };
  const path = `/openapi/v3/${place}?hash=ABC`;
  const answer = await server.expect(200, 'GET', path, { handler, headers });
  assert.equal(answer.headers['etag'], '"ABC"');
  assert.deepEqual(answer.json, tideDocument);
  const { request } = extension.asked.at(-1) ?? {};
  assert.equal(request?.headers['x-remote-user'], 'bob');
  assert.equal(request.headers['if-none-match'], '"old"');
  assert.equal(request.query, 'hash=ABC');
});

test('the one document of all groups has what other servers say of their versions', async () => {
  const extension = recordingExtension();
  await using server = await startDocumented(extension);
  const { json } = await server.expect(200, 'GET', '/openapi/v2');
  assert.equal(json['definitions'][tide].description, 'how high the water stands');
  const own = json['paths'][`/${place}/namespaces/{namespace}/tides/{name}`];
  assert.equal(own.get.responses['200'].schema.$ref, `#/definitions/${tide}`);
  const deployments = json['paths']['/apis/apps/v1/namespaces/{namespace}/deployments'];
  assert.notEqual(deployments.get.description, 'not its own');
  extension.asked.length = 0;
  await server.expect(200, 'GET', '/openapi/v2');
  assert.deepEqual(extension.asked, [], 'it is asked once for each hash');
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  const protobuf = await server.expect(200, 'GET', '/openapi/v2', { headers: { accept } });
  assert.ok(protobuf.bytes.includes('how high the water stands'));
});

test('a document that is none leaves those of all others as they are', async () => {
  const junk = {
    paths: { [`${root}/x`]: { get: 7 }, 8: null },
    components: { schemas: { a: null } },
  };
  const extension = recordingExtension();
  await using server = await startDocumented(extension, junk);
  const { json } = await server.expect(200, 'GET', '/openapi/v2');
  assert.ok(json['definitions']['io.k8s.api.core.v1.Pod']);
});
