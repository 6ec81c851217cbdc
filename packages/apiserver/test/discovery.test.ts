import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { protobufTable } from '@fairway/kinds/protobuf';
import { decodeKubernetesProtobuf } from '@fairway/protocol';
import { type AnyObject, type Answer, startTestServer } from '@fairway/apiserver/testing';

function readFixture<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/golden/${file}`, import.meta.url), 'utf8')) as T;
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

test('/api and /apis say in one document what a kube-apiserver 1.36 says', async () => {
  await using server = await startTestServer();
  const golden = readFixture<Record<'api' | 'apis', AnyObject>>('aggregated-discovery.json');
  for (const root of ['api', 'apis'] as const) {
    const { json } = await server.expect(200, 'GET', `/${root}`, {
      headers: { accept: aggregated },
    });
    assert.deepEqual(json, golden[root]);
  }
});

test('discovery documents are those of a kube-apiserver 1.36', async () => {
  await using server = await startTestServer();
  const golden = readFixture<Record<string, AnyObject>>('documents.json');
  for (const path of ['/api', '/apis', '/api/v1', '/apis/apps/v1']) {
    const { json } = await server.expect(200, 'GET', path);
    assert.deepEqual(json, golden[path], path);
  }
  const group = await server.expect(200, 'GET', '/apis/autoscaling');
  const groups = golden['/apis']?.['groups'] as AnyObject[];
  assert.deepEqual(group.json, {
    kind: 'APIGroup',
    apiVersion: 'v1',
    ...groups.find(({ name }) => (name as string) === 'autoscaling'),
  });
});

test('every group version of the aggregated document has its own list of resources', async () => {
  await using server = await startTestServer();
  const golden = readFixture<Record<'apis', AnyObject>>('aggregated-discovery.json');
  for (const { metadata, versions } of golden.apis.items as AnyObject[]) {
    for (const { version, resources } of versions as AnyObject[]) {
      const { json } = await server.expect(200, 'GET', `/apis/${metadata.name}/${version}`);
      const listed = (json['resources'] as { name: string }[]).map(({ name }) => name);
      const expected = (resources as AnyObject[]).flatMap(({ resource, subresources = [] }) => [
        resource as string,
        ...(subresources as AnyObject[]).map(({ subresource }) => `${resource}/${subresource}`),
      ]);
      assert.deepEqual(listed, expected);
    }
  }
});

test('an unchanged document costs its caller a tag', async () => {
  await using server = await startTestServer();
  const accept = aggregated;
  const first = await server.expect(200, 'GET', '/apis', { headers: { accept } });
  const etag = first.headers['etag'] as string;
  assert.match(etag, /^"[0-9A-F]{128}"$/);
  const again = await server.expect(304, 'GET', '/apis', {
    headers: { accept, 'if-none-match': etag },
  });
  assert.equal(again.bytes.length, 0);
  assert.equal(again.headers['etag'], etag);
  await server.expect(304, 'GET', '/apis', {
    headers: { accept, 'if-none-match': `"other", W/${etag}` },
  });
  await server.expect(200, 'GET', '/apis', { headers: { accept, 'if-none-match': '"other"' } });
});

test('the caller chooses among the forms of discovery, and hears when there is none', async () => {
  await using server = await startTestServer();
  const kindFor = async (accept: string): Promise<string> =>
    (await server.expect(200, 'GET', '/apis', { headers: { accept } })).json.kind;
  const beta = aggregated.replace('v=v2', 'v=v2beta1');
  assert.equal(await kindFor(`${beta},${aggregated},application/json`), 'APIGroupDiscoveryList');
  assert.equal(await kindFor(`${beta},application/json`), 'APIGroupList');
  assert.equal(await kindFor('*/*'), 'APIGroupList');
  await server.expect(406, 'GET', '/apis', { headers: { accept: beta } });
  await server.expect(406, 'GET', '/apis', { headers: { accept: 'text/html' } });
  const yaml = await server.expect(200, 'GET', '/apis', {
    headers: { accept: 'application/yaml' },
  });
  assert.match(yaml.text, /^apiVersion: v1\ngroups:\n/);
});

test('every discovery document says in protobuf what it says in JSON', async () => {
  await using server = await startTestServer();
  const { json } = await server.expect(200, 'GET', '/');
  const paths = (json['paths'] as string[]).filter((path) => /^\/apis?(\/|$)/.test(path));
  assert.ok(paths.length > 40);
  const accept = 'application/vnd.kubernetes.protobuf';
  for (const path of paths) {
    const plain = await server.expect(200, 'GET', path);
    const encoded = await server.expect(200, 'GET', path, { headers: { accept } });
    assert.equal(encoded.headers['content-type'], accept, path);
    const { object } = decodeKubernetesProtobuf(encoded.bytes, protobufTable());
    assert.deepEqual(object, { ...plain.json, apiVersion: 'v1' }, path);
  }
  for (const path of ['/api', '/apis']) {
    const type = aggregated.replace('application/json', accept);
    const encoded = await server.expect(200, 'GET', path, { headers: { accept: type } });
    assert.equal(encoded.headers['content-type'], type);
    const plain = await server.expect(200, 'GET', path, { headers: { accept: aggregated } });
    assert.equal(encoded.headers['etag'], plain.headers['etag']);
    const { kind, object } = decodeKubernetesProtobuf(encoded.bytes, protobufTable());
    assert.equal(kind, 'APIGroupDiscoveryList');
    assert.equal((object as unknown as AnyObject).items.length, plain.json.items.length);
  }
});

test('/ lists the paths that are served', async () => {
  await using server = await startTestServer();
  const golden = readFixture<Record<string, { paths: string[] }>>('documents.json');
  const { json } = await server.expect(200, 'GET', '/');
  const paths = json['paths'] as string[];
  assert.deepEqual(paths, [...paths].sort());
  const missing = (golden['/']?.paths ?? []).filter((path) => !paths.includes(path));
  // The rest are the checks of parts that a kube-apiserver has and this server has not.
  const known = /^\/(healthz|livez|readyz)\/|^\/(metrics|logs|debug)/;
  assert.deepEqual(
    missing.filter((path) => !known.test(path)),
    [],
  );
  const documents = paths.filter((path) => !path.startsWith('/openapi'));
  for (const path of documents) await server.expect(200, 'GET', path);
});

test('/version has the shape of a Kubernetes 1.36', async () => {
  await using server = await startTestServer();
  const golden = readFixture<Record<string, Record<string, string>>>('documents.json');
  const { json, text } = await server.expect(200, 'GET', '/version');
  assert.deepEqual(Object.keys(json), Object.keys(golden['/version'] ?? {}));
  const { major, minor, gitVersion, platform } = json;
  assert.deepEqual([major, minor, platform], ['1', '36', 'linux/amd64']);
  assert.match(gitVersion as string, /^v1\.36\.\d+/);
  assert.match(text, /^\{\n {2}"major": "1",\n/);
});

test('health answers ok in a word, or each check in a line', async () => {
  await using server = await startTestServer();
  const texts = async (path: string): Promise<Answer> => server.expect(200, 'GET', path);
  for (const path of ['/healthz', '/livez', '/readyz', '/readyz/ping']) {
    assert.equal((await texts(path)).text, 'ok', path);
  }
  const verbose = await texts('/readyz?verbose');
  assert.match(verbose.text, /^(\[\+\][a-z-]+ ok\n)+readyz check passed\n$/);
  assert.equal(verbose.headers['content-type'], 'text/plain; charset=utf-8');
  const excluding = await texts('/readyz?verbose&exclude=ping');
  assert.match(excluding.text, /^\[\+\]ping excluded: ok\n/);
  await server.expect(404, 'GET', '/readyz/nope');
});

test('the store is asked for as etcd, and counts for readiness only', async () => {
  await using server = await startTestServer();
  for (const name of ['healthz', 'livez', 'readyz']) {
    assert.equal((await server.expect(200, 'GET', `/${name}/etcd`)).text, 'ok');
    assert.doesNotMatch((await server.expect(200, 'GET', `/${name}?verbose`)).text, /etcd/);
  }
});

test('/statusz and /flagz tell people about this server, in plain text', async () => {
  await using server = await startTestServer();
  await server.clock.advance(3_723_000);
  const status = await server.expect(200, 'GET', '/statusz');
  assert.equal(status.headers['content-type'], 'text/plain; charset=utf-8');
  const [title, warning, ...lines] = status.text.split('\n');
  assert.equal(title, 'kube-apiserver statusz');
  assert.match(warning ?? '', /^Warning: This endpoint is not meant to be machine parseable/);
  assert.deepEqual(lines.slice(0, 3), [
    '',
    'Started: Thu Jan  1 00:00:00 UTC 2026',
    'Up: 1 hr 02 min 03 sec',
  ]);
  assert.match(status.text, /^Emulation version: 1\.36$/m);
  const flags = await server.expect(200, 'GET', '/flagz');
  assert.match(
    flags.text,
    /^kube-apiserver flags\nWarning: .*\n\nadvertise-address: 192\.0\.2\.2\n/,
  );
  assert.match(flags.text, /^request-timeout: 1m0s\nsecure-port: 27443$/m);
  const headers = { accept: 'application/json' };
  await server.expect(406, 'GET', '/statusz', { headers });
  const { handler } = server.api;
  await server.expect(403, 'GET', '/flagz', { handler });
});

test('documents are found with a slash at their end too', async () => {
  await using server = await startTestServer();
  for (const path of ['/.well-known/openid-configuration', '/openid/v1/jwks', '/version']) {
    const plain = await server.expect(200, 'GET', path);
    assert.equal((await server.expect(200, 'GET', `${path}/`)).text, plain.text);
    await server.expect(404, 'GET', `${path}//`);
  }
});

test('anonymous callers see health and version, and nothing else', async () => {
  await using server = await startTestServer();
  const { handler } = server.api;
  for (const path of ['/healthz', '/livez', '/readyz', '/version']) {
    await server.expect(200, 'GET', path, { handler });
  }
  const refused = await server.expect(403, 'GET', '/', { handler });
  assert.equal(refused.json.message, 'forbidden: User "system:anonymous" cannot get path "/"');
  assert.deepEqual(refused.json['details'], {});
  for (const path of ['/api', '/apis', '/openapi/v2', '/openid/v1/jwks', '/nope', '/api/v1']) {
    await server.expect(403, 'GET', path, { handler });
  }
});

test('documents are read, and nothing else', async () => {
  await using server = await startTestServer();
  for (const path of ['/', '/version', '/api', '/apis/apps/v1', '/openapi/v2', '/nope']) {
    await server.expect(405, 'POST', path, { body: {} });
    await server.expect(405, 'DELETE', path);
  }
});

test('deprecated kinds are served with a warning', async () => {
  await using server = await startTestServer();
  const { headers } = await server.expect(200, 'GET', '/api/v1/endpoints');
  assert.deepEqual(headers['warning'], [
    '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
  ]);
});

test('a version that a group does not have is not found, and a group that is none is no page', async () => {
  await using server = await startTestServer();
  for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
    const ask = (path: string) =>
      server.expect(404, method, path, method === 'GET' ? {} : { body: {} });
    const known = await ask('/apis/batch/v1beta1/namespaces/default/cronjobs');
    assert.equal(known.json.message, 'the server could not find the requested resource');
    const unknown = await ask('/apis/nope.example.com/v1/namespaces/default/foos');
    assert.equal(unknown.text, '404 page not found\n');
  }
});
