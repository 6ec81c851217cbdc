import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import { ofDevelopers, ofMasters } from './certificate-requests.ts';

const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'u-1' };
const merge = { 'content-type': 'application/merge-patch+json' };
const podSpec = { containers: [{ name: 'c', image: 'i' }] };
const template = { metadata: { labels: { a: 'b' } }, spec: podSpec };
const selector = { matchLabels: { a: 'b' } };
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

/** A collection, and the least that an object in it needs. */
const kinds: readonly [path: string, object: object][] = [
  ['/api/v1/namespaces/default/pods', { spec: podSpec }],
  ['/apis/apps/v1/namespaces/default/deployments', { spec: { selector, template } }],
  [
    '/apis/batch/v1/namespaces/default/jobs',
    { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
  ],
  ['/api/v1/namespaces/default/services', { spec: { ports: [{ port: 80 }] } }],
  ['/api/v1/namespaces/default/persistentvolumeclaims', { spec: claim }],
  ['/api/v1/nodes', {}],
  ['/api/v1/namespaces', {}],
  [
    '/apis/example.com/v1/namespaces/default/things',
    { apiVersion: 'example.com/v1', kind: 'Thing' },
  ],
];

suite('metadata that callers do not decide', () => {
  test('a write of a status does not say what the object goes with', async (t) => {
    await using server = await startTestServer();
    await prepare(server);
    for (const [path, object] of kinds) {
      await t.test(path, async () => {
        const kept = { ...owner, uid: 'u-0' };
        const metadata = { name: 'x', ownerReferences: [kept] };
        const { json } = await server.expect(201, 'POST', path, { body: { ...object, metadata } });
        const one = `${path}/x/status`;
        const patched = { metadata: { ownerReferences: [owner], selfLink: '/x' } };
        const after = await server.expect(200, 'PATCH', one, { headers: merge, body: patched });
        assert.deepEqual(after.json.metadata.ownerReferences, [kept]);
        assert.ok(!('selfLink' in after.json.metadata));
        const put = { ...json, metadata: { ...after.json.metadata, ownerReferences: [owner] } };
        const replaced = await server.expect(200, 'PUT', one, { body: put });
        assert.deepEqual(replaced.json.metadata.ownerReferences, [kept]);
        await server.expect(200, 'PATCH', `${path}/x`, {
          headers: merge,
          body: { metadata: { ownerReferences: null } },
        });
        const none = await server.expect(200, 'PATCH', one, { headers: merge, body: patched });
        assert.equal(none.json.metadata.ownerReferences, undefined);
      });
    }
  });

  test('selfLink is dropped from any write', async () => {
    await using server = await startTestServer();
    const path = '/api/v1/namespaces/default/configmaps';
    const metadata = { name: 'c', selfLink: '/c' };
    const { json } = await server.expect(201, 'POST', path, { body: { metadata } });
    assert.ok(!('selfLink' in json.metadata));
    const body = { ...json, metadata: { ...json.metadata, ...metadata } };
    const { json: put } = await server.expect(200, 'PUT', `${path}/c`, { body });
    assert.ok(!('selfLink' in put.metadata));
  });

  test('an owner that is named twice is kept once, and warned of', async () => {
    await using server = await startTestServer();
    const path = '/api/v1/namespaces/default/configmaps';
    const other = { ...owner, name: 'other' };
    const ownerReferences = [owner, other, owner, { ...owner }];
    const body = { metadata: { name: 'c', ownerReferences } };
    const created = await server.expect(201, 'POST', path, { body });
    assert.deepEqual(created.json.metadata.ownerReferences, [owner, other]);
    const warning = /duplicate UID\(s\) observed: u-1, u-1"/;
    assert.match(String(created.headers['warning']), warning);
    const put = await server.expect(200, 'PUT', `${path}/c`, { body });
    assert.deepEqual(put.json.metadata.ownerReferences, [owner, other]);
    assert.match(String(put.headers['warning']), warning);
    const many = Array.from({ length: 10_000 }, () => owner);
    const long = { metadata: { name: 'd', ownerReferences: many } };
    const { json } = await server.expect(201, 'POST', path, { body: long });
    assert.deepEqual(json.metadata.ownerReferences, [owner]);
  });
});

test('nobody asks for the certificate of an administrator', async () => {
  await using server = await startTestServer();
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const ask = (name: string, pem: string, signerName: string) => ({
    body: {
      metadata: { name },
      spec: { request: Buffer.from(pem).toString('base64'), signerName, usages: ['client auth'] },
    },
  });
  const client = 'kubernetes.io/kube-apiserver-client';
  const { json } = await server.expect(403, 'POST', path, ask('m', ofMasters, client));
  assert.equal(
    json.message,
    'certificatesigningrequests.certificates.k8s.io "m" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  );
  await server.expect(201, 'POST', path, ask('d', ofDevelopers, client));
  await server.expect(201, 'POST', path, ask('o', ofMasters, 'example.com/other'));
  const broken = ofMasters.replace(/\n.{20}/, '\n');
  const refused = await server.expect(422, 'POST', path, ask('b', broken, client));
  assert.match(refused.json.message, /spec\.request: Invalid value: /);
});

/** An account for pods, and a kind with a status of its own. */
async function prepare(server: TestServer): Promise<void> {
  const account = { metadata: { name: 'default' } };
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', { body: account });
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', properties: { status: anything } } },
    subresources: { status: {} },
  };
  const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };
  await server.expect(201, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: {
      metadata: { name: 'things.example.com' },
      spec: { group: 'example.com', names, scope: 'Namespaced', versions: [version] },
    },
  });
  await settle();
  await settle();
}
