import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import {
  type Extension,
  group,
  jsonAnswer,
  notThere,
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

test('a document of more values, or more fields in one object, than any API has counts as none', async () => {
  const many = Array(500_001).fill(0);
  const wide = Object.fromEntries(Array.from({ length: 20_001 }, (_, at) => [`f${at}`, 0]));
  for (const parts of [{ many }, { wide }]) {
    const extension = recordingExtension();
    await using server = await startDocumented(extension, tideDocument);
    const { answer } = extension;
    const untilAsked = async (): Promise<void> => {
      extension.asked.length = 0;
      await server.clock.advance(30_000);
    };
    extension.answer = async (request) => {
      if (request.path === '/openapi/v3') return notThere;
      if (request.path !== '/openapi/v2') return answer(request);
      return jsonAnswer({ ...tideSwagger, ...parts });
    };
    await untilAsked();
    // What was read before is still there.
    assert.match((await index(server))[place]?.serverRelativeURL ?? '', /hash=ABC$/);
    extension.answer = async (request) => {
      if (request.path === '/openapi/v3') return notThere;
      return request.path === '/openapi/v2' ? jsonAnswer(tideSwagger) : answer(request);
    };
    await untilAsked();
    assert.doesNotMatch((await index(server))[place]?.serverRelativeURL ?? '', /hash=ABC$/);
  }
});

const path = `/${place}/namespaces/{namespace}/tides/{name}`;

/** What a server has that knows v2 only, with all that v2 writes in another way. */
const tideSwagger = {
  swagger: '2.0',
  info: { title: 'tides', version: '1' },
  parameters: {
    pretty: { name: 'pretty', in: 'query', type: 'string', uniqueItems: true },
  },
  paths: {
    [path]: {
      parameters: [{ $ref: '#/parameters/pretty' }],
      put: {
        operationId: 'replaceTide',
        consumes: ['application/json'],
        produces: ['application/json', 'application/yaml'],
        schemes: ['https'],
        parameters: [
          { name: 'body', in: 'body', required: true, schema: { $ref: `#/definitions/${tide}` } },
          { name: 'dryRun', in: 'query', description: 'not for good', type: 'string' },
        ],
        responses: {
          '200': { description: 'OK', schema: { $ref: `#/definitions/${tide}` } },
          '401': { description: 'Unauthorized' },
        },
        'x-kubernetes-action': 'put',
      },
    },
    '/apis/apps/v1/namespaces/{namespace}/deployments': { get: { description: 'not its own' } },
  },
  definitions: {
    [tide]: {
      type: 'object',
      description: 'how high the water stands',
      properties: {
        heights: { type: 'array', items: { $ref: '#/definitions/example.Height' } },
        names: { type: 'object', additionalProperties: { type: 'string' } },
        first: { description: 'of the day', $ref: '#/definitions/example.Height' },
      },
      'x-kubernetes-group-version-kind': [{ group, version: 'v1beta1', kind: 'Tide' }],
    },
    'example.Height': { type: 'number' },
    'example.Unused': { type: 'string' },
  },
};

async function startWithSwagger(extension: Extension, swagger: object): Promise<TestServer> {
  extension.answer = async (request) =>
    request.path === '/openapi/v2' ? jsonAnswer(swagger, { etag: '"V2"' }) : plainAnswer(request);
  const server = await startWithExtension(extension);
  while ((await index(server))[place] === undefined) await settle();
  return server;
}

test('of a server that knows OpenAPI v2 only this one makes v3, and answers for it', async () => {
  const extension = recordingExtension();
  await using server = await startWithSwagger(extension, tideSwagger);
  const { serverRelativeURL = '' } = (await index(server))[place] ?? {};
  extension.asked.length = 0;
  const { json, headers } = await server.expect(200, 'GET', serverRelativeURL);
  assert.equal(headers['cache-control'], 'public, immutable');
  assert.equal(json['openapi'], '3.0.0');
  const reference = { $ref: `#/components/schemas/${tide}` };
  const height = { $ref: '#/components/schemas/example.Height' };
  assert.deepEqual(json['paths'], {
    [path]: {
      put: {
        tags: [],
        operationId: 'replaceTide',
        'x-kubernetes-action': 'put',
        parameters: [
          {
            name: 'dryRun',
            in: 'query',
            description: 'not for good',
            schema: { type: 'string', uniqueItems: true },
          },
        ],
        requestBody: { content: { 'application/json': { schema: reference } }, required: true },
        responses: {
          '200': {
            description: 'OK',
            content: {
              'application/json': { schema: reference },
              'application/yaml': { schema: reference },
            },
          },
          '401': { description: 'Unauthorized' },
        },
      },
      parameters: [{ name: 'pretty', in: 'query', schema: { type: 'string', uniqueItems: true } }],
    },
  });
  assert.deepEqual(json['components'].schemas, {
    [tide]: {
      type: 'object',
      description: 'how high the water stands',
      properties: {
        heights: { type: 'array', items: height },
        names: { type: 'object', additionalProperties: { type: 'string' } },
        first: { description: 'of the day', allOf: [height] },
      },
      'x-kubernetes-group-version-kind': [{ group, version: 'v1beta1', kind: 'Tide' }],
    },
    'example.Height': { type: 'number' },
  });
  const accept = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';
  const protobuf = await server.expect(200, 'GET', serverRelativeURL, { headers: { accept } });
  assert.ok(protobuf.bytes.includes('how high the water stands'));
  // And v2 says again what the server has said.
  const { json: swagger } = await server.expect(200, 'GET', '/openapi/v2');
  const { first } = swagger['definitions'][tide].properties;
  assert.deepEqual(first, tideSwagger.definitions[tide].properties.first);
  const { put } = swagger['paths'][path];
  assert.deepEqual(put.responses, tideSwagger.paths[path]?.put?.responses);
  assert.deepEqual(extension.asked, [], 'nobody who asks for documents waits for the server');
});

test('the v3 that is made of a server’s v2 is made again when that changes', async () => {
  const extension = recordingExtension();
  await using server = await startWithSwagger(extension, tideSwagger);
  const before = (await index(server))[place]?.serverRelativeURL ?? '';
  const { asked } = extension;
  assert.equal(asked.at(-1)?.request.headers['if-none-match'], undefined);
  const definitions = { [tide]: { type: 'object', description: 'lower than before' } };
  extension.answer = async (request) => {
    if (request.path !== '/openapi/v2') return plainAnswer(request);
    assert.equal(request.headers['if-none-match'], '"V2"');
    return jsonAnswer({ ...tideSwagger, definitions });
  };
  await server.clock.advance(30_000);
  while ((await index(server))[place]?.serverRelativeURL === before) await settle();
  const moved = await server.expect(301, 'GET', before);
  const { json } = await server.expect(200, 'GET', String(moved.headers['location']));
  assert.equal(json['components'].schemas[tide].description, 'lower than before');
});
