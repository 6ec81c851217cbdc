import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const table = 'application/json;as=Table;g=meta.k8s.io;v=v1';
const accounts = '/api/v1/namespaces/default/serviceaccounts';
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const spec = {
  replicas: 3,
  selector: { matchLabels: { app: 'web' } },
  template: {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'nginx' }] },
  },
};

async function startWithDeployment(): Promise<TestServer> {
  const server = await startTestServer();
  await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'default' } } });
  await server.expect(201, 'POST', deployments, { body: { metadata: { name: 'web' }, spec } });
  return server;
}

suite('tables and other forms', () => {
  test('what is no stored object cannot be one, and says so', async () => {
    await using server = await startWithDeployment();
    const review = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } };
    const authorization = '/apis/authorization.k8s.io/v1';
    for (const [method, path, body] of [
      ['POST', `${authorization}/selfsubjectaccessreviews`, review],
      ['POST', `${authorization}/selfsubjectrulesreviews`, { spec: { namespace: 'default' } }],
      ['POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}],
      ['POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x' } }],
      ['POST', `${accounts}/default/token`, { spec: {} }],
      ['GET', '/api', undefined],
      ['GET', '/apis/apps', undefined],
      ['GET', '/apis/apps/v1', undefined],
    ] as const) {
      const refused = await server.expect(406, method, path, { headers: { accept: table }, body });
      assert.match(refused.json.message, /^only the following media types are accepted: /, path);
      const headers = { accept: `${table},application/json` };
      const { json } = await server.request(method, path, { headers, body });
      assert.notEqual(json.kind, 'Table', path);
    }
  });

  test('the table of a scale tells what is wanted and what there is', async () => {
    await using server = await startWithDeployment();
    const { json } = await server.expect(200, 'GET', `${deployments}/web/scale`, {
      headers: { accept: table },
    });
    const names = json['columnDefinitions'].map(({ name }: { name: string }) => name);
    assert.deepEqual(names, ['Name', 'Desired', 'Available', 'Age']);
    assert.deepEqual(json['rows'][0].cells.slice(0, 3), ['web', 3, 0]);
  });

  test('a deletion answers who asked for a table with its Status', async () => {
    await using server = await startWithDeployment();
    const { json } = await server.expect(200, 'DELETE', `${deployments}/web`, {
      headers: { accept: table },
    });
    assert.deepEqual([json.kind, json['status']], ['Status', 'Success']);
  });

  test('CBOR is refused in either direction, and named beside another encoding passed over', async () => {
    await using server = await startTestServer();
    const path = '/api/v1/namespaces/default/configmaps';
    const { json } = await server.expect(406, 'GET', path, {
      headers: { accept: 'application/cbor' },
    });
    assert.match(json.message, /Available representations: application\/json, application\/yaml/);
    const headers = { 'content-type': 'application/cbor' };
    const refused = await server.expect(415, 'POST', path, { headers, body: Buffer.of(0xa0) });
    assert.match(refused.json.message, /accepted media types include: application\/json/);
    const patch = { 'content-type': 'application/apply-patch+cbor' };
    await server.expect(415, 'PATCH', `${path}/a?fieldManager=x`, { headers: patch, body: {} });
    const either = 'application/cbor,application/json;q=0.9';
    await server.expect(200, 'GET', path, { headers: { accept: either } });
  });

  test('includeObject is one of three, and read for tables only', async () => {
    await using server = await startWithDeployment();
    const path = `${deployments}?includeObject=All`;
    const { json } = await server.expect(400, 'GET', path, { headers: { accept: table } });
    assert.equal(
      json.message,
      `Unable to convert to Table as requested: includeObject: Invalid value: "All": must be 'Metadata', 'Object', 'None', or empty`,
    );
    await server.expect(200, 'GET', path);
  });
});
