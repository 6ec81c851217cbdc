import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { allKindRules, allKindStrategies } from '@fairway/kind-rules';
import { formatTime } from '@fairway/protocol';
import { ofDevelopers } from './certificate-requests.ts';

test('every kind that has rules has a strategy', () => {
  assert.deepEqual([...allKindStrategies.keys()], [...allKindRules.keys()]);
});

const place = '/api/v1/namespaces/default';

const creatable = [
  [`${place}/services/new`, { spec: { ports: [{ port: 80 }] } }],
  [`${place}/limitranges/new`, { spec: { limits: [] } }],
  ['/apis/node.k8s.io/v1/runtimeclasses/new', { handler: 'h' }],
  ['/apis/coordination.k8s.io/v1/namespaces/default/leases/new', {}],
] as const;

test('PUT creates an object of the kinds that allow it, and no other', async () => {
  await using server = await startTestServer();
  for (const [path, body] of creatable) {
    await server.expect(201, 'PUT', path, { body: { ...body, metadata: { name: 'new' } } });
  }
  const body = { metadata: { name: 'new' }, value: 1 };
  await server.expect(404, 'PUT', '/apis/scheduling.k8s.io/v1/priorityclasses/new', { body });
});

const ofVersions = [
  ['/apis/coordination.k8s.io/v1/namespaces/default/leases', {}],
  ['/apis/policy/v1/namespaces/default/poddisruptionbudgets', { spec: { minAvailable: 1 } }],
  ['/apis/storage.k8s.io/v1/csidrivers', { spec: {} }],
  ['/apis/node.k8s.io/v1/runtimeclasses', { handler: 'h' }],
] as const;

test('PUT wants a version of the kinds that insist on one', async () => {
  await using server = await startTestServer();
  for (const [path, body] of ofVersions) {
    const object = { ...body, metadata: { name: 'x' } };
    await server.expect(201, 'POST', path, { body: object });
    const refused = await server.expect(422, 'PUT', `${path}/x`, { body: object });
    const plural = path.split('/').at(-1) ?? '';
    assert.match(
      refused.json.message,
      new RegExp(
        `^${plural}\\.\\S+ "x" is invalid: metadata\\.resourceVersion: Invalid value: 0: must be specified for an update$`,
      ),
    );
    // A patch is made for whatever is there.
    const headers = { 'content-type': 'application/merge-patch+json' };
    const patch = { headers, body: { metadata: { labels: { a: 'b' } } } };
    await server.expect(200, 'PATCH', `${path}/x`, patch);
  }
  await server.expect(201, 'POST', `${place}/configmaps`, { body: { metadata: { name: 'x' } } });
  const body = { metadata: { name: 'x' }, data: { a: 'b' } };
  await server.expect(200, 'PUT', `${place}/configmaps/x`, { body });
});

test('the generation of a driver counts its changes, and an address has none', async () => {
  await using server = await startTestServer();
  const drivers = '/apis/storage.k8s.io/v1/csidrivers';
  const driver = { metadata: { name: 'x' }, spec: {} };
  const created = await server.expect(201, 'POST', drivers, { body: driver });
  assert.equal(created.json.metadata.generation, undefined);
  const headers = { 'content-type': 'application/merge-patch+json' };
  const patched = async (path: string, body: object): Promise<number | undefined> =>
    (await server.expect(200, 'PATCH', path, { headers, body })).json.metadata.generation;
  assert.equal(await patched(`${drivers}/x`, { metadata: { labels: { a: 'b' } } }), undefined);
  assert.equal(await patched(`${drivers}/x`, { spec: { requiresRepublish: true } }), 1);
  assert.equal(await patched(`${drivers}/x`, { metadata: { labels: { a: 'c' } } }), 1);
  const address = {
    metadata: { name: '10.0.0.7' },
    spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: 's' } },
  };
  const addresses = '/apis/networking.k8s.io/v1/ipaddresses';
  const { json } = await server.expect(201, 'POST', addresses, { body: address });
  assert.equal(json.metadata.generation, undefined);
});

test('a namespace in an object of the whole cluster is dropped', async () => {
  await using server = await startTestServer();
  const body = { metadata: { name: 'x', namespace: 'n' }, provisioner: 'a/b' };
  const path = '/apis/storage.k8s.io/v1/storageclasses';
  const created = await server.expect(201, 'POST', path, { body });
  assert.equal(created.json.metadata.namespace, undefined);
  const replaced = await server.expect(200, 'PUT', `${path}/x`, { body });
  assert.equal(replaced.json.metadata.namespace, undefined);
  const headers = { 'content-type': 'application/merge-patch+json' };
  const patch = { headers, body: { metadata: { namespace: 'n' } } };
  const patched = await server.expect(200, 'PATCH', `${path}/x`, patch);
  assert.equal(patched.json.metadata.namespace, undefined);
});

test('a version in a new object is refused after all else, and not in a dry run', async () => {
  await using server = await startTestServer();
  const path = `${place}/configmaps`;
  const post = (name: string, query: string) =>
    server.request('POST', `${path}${query}`, {
      body: { metadata: { name, resourceVersion: '5' } },
    });
  assert.equal((await post('x', '?dryRun=All')).status, 201);
  assert.equal((await post('X', '')).status, 422);
  const refused = await post('x', '');
  assert.equal(refused.status, 500);
  assert.equal(refused.json.message, 'resourceVersion should not be set on objects to be created');
});

test('another name in the body is refused before anything is looked for', async () => {
  await using server = await startTestServer();
  const body = { metadata: { name: 'other' } };
  await server.expect(400, 'PUT', `${place}/configmaps/x`, { body });
  const named = { metadata: { name: 'x' } };
  await server.expect(404, 'PUT', `${place}/configmaps/x`, { body: named });
});

test('a patch of the uid is refused as a change of what is fixed', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', `${place}/configmaps`, { body: { metadata: { name: 'x' } } });
  const headers = { 'content-type': 'application/merge-patch+json' };
  const patch = { headers, body: { metadata: { uid: 'u' } } };
  const refused = await server.expect(422, 'PATCH', `${place}/configmaps/x`, patch);
  assert.equal(
    refused.json.message,
    'ConfigMap "x" is invalid: metadata.uid: Invalid value: "u": field is immutable',
  );
});

test('what a signing request asks for stays, whatever an update says', async () => {
  await using server = await startTestServer();
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const stored = await create(server, path);
  const body = {
    metadata: { name: 'x', labels: { a: 'b' } },
    spec: { request: stored.spec.request, signerName: 'example.com/other', usages: ['any'] },
  };
  const replaced = await server.expect(200, 'PUT', `${path}/x`, { body });
  assert.deepEqual(replaced.json.metadata.labels, { a: 'b' });
  assert.deepEqual(replaced.json['spec'], stored.spec);
});

test('a request for a certificate is signed with the key that it is for', async () => {
  await using server = await startTestServer();
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const ask = (pem: string) => {
    const request = Buffer.from(pem).toString('base64');
    const spec = { request, signerName: 'example.com/s', usages: ['client auth'] };
    return server.expect(422, 'POST', path, { body: { metadata: { name: 'x' }, spec } });
  };
  const [header = '', ...lines] = ofDevelopers.split('\n');
  const der = Buffer.from(lines.slice(0, -2).join(''), 'base64');
  const withByte = (at: number, change: number): string => {
    const changed = Uint8Array.from(der);
    changed[at] = (changed.at(at) ?? 0) ^ change;
    return [header, Buffer.from(changed).toString('base64'), ...lines.slice(-2)].join('\n');
  };
  const forged = await ask(withByte(der.indexOf('dev'), 0x20));
  assert.match(forged.json.message, /spec\.request: .*: x509: ECDSA verification failure$/);
  const broken = await ask(withByte(0, 1));
  assert.match(broken.json.message, /spec\.request: Invalid value: .*expected DER tag/);
});

test('who signs a request changes nothing of the decision, and signs with certificates', async () => {
  await using server = await startTestServer();
  const { clock } = server;
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  await create(server, path);
  const put = async (view: string, status: object, code = 200) => {
    const { json } = await server.expect(200, 'GET', `${path}/x`);
    const body = { ...json, status: { ...json['status'], ...status } };
    return (await server.expect(code, 'PUT', `${path}/x/${view}`, { body })).json;
  };
  const approved = { type: 'Approved', status: 'True', reason: 'r', message: 'm' };
  const [first] = (await put('approval', { conditions: [approved] }))['status'].conditions;
  assert.equal(first.lastUpdateTime, formatTime(clock.now()));
  assert.equal(first.lastTransitionTime, first.lastUpdateTime);
  await clock.advance(60_000);
  const failed = { type: 'Failed', status: 'True', reason: 'f', message: 'm' };
  const other = { ...approved, message: 'another' };
  const said = await put('status', { conditions: [other, failed] });
  const [kept, added] = said['status'].conditions;
  assert.deepEqual(kept, first);
  assert.equal(added.lastUpdateTime, formatTime(clock.now()));
  // The time since when something is true stays when it is said once more.
  const again = await put('approval', { conditions: [other, failed] });
  const [renewed] = again['status'].conditions;
  assert.equal(renewed.lastTransitionTime, first.lastTransitionTime);
  assert.equal(renewed.lastUpdateTime, formatTime(clock.now()));
  const refused = async (pem: string): Promise<string> => {
    const certificate = Buffer.from(pem).toString('base64');
    const { message } = await put('status', { certificate }, 422);
    return message.replace(/^.*<certificate data>": /, '');
  };
  assert.equal(await refused('x'), 'must contain at least one CERTIFICATE PEM block');
  assert.equal(
    await refused(ofDevelopers),
    'only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"',
  );
  const block = '-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n';
  assert.equal(await refused(block), 'x509: malformed certificate');
  const headed = block.replace('YQ', 'a: b\n\nYQ');
  assert.equal(await refused(headed), 'no PEM block headers are permitted');
});

async function create(server: TestServer, path: string): Promise<{ spec: { request: string } }> {
  const request = Buffer.from(ofDevelopers).toString('base64');
  const spec = { request, signerName: 'example.com/s', usages: ['client auth'] };
  const created = await server.expect(201, 'POST', path, {
    body: { metadata: { name: 'x' }, spec },
  });
  return created.json as unknown as { spec: { request: string } };
}
