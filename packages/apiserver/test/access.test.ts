import assert from 'node:assert/strict';
import test from 'node:test';
import type { Handler } from '@fairway/protocol';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { ofDevelopers } from './certificate-requests.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const apiGroup = 'rbac.authorization.k8s.io';
const endpoints = '/api/v1/namespaces/default/endpoints';
const configMaps = '/api/v1/namespaces/default/configmaps';

test('a namespace is no way to the objects of another or of the cluster', async () => {
  await using server = await startTestServer();
  const eve = await userWith(server, [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]);
  await server.expect(200, 'GET', '/api/v1/namespaces/default', { handler: eve });
  for (const path of [
    '/api/v1/namespaces/default/namespaces',
    '/api/v1/namespaces/default/namespaces/kube-system',
    '/api/v1/namespaces/default/namespaces/kube-system/status',
    '/api/v1/namespaces/default/nodes',
    `${rbac}/namespaces/default/clusterroles/cluster-admin`,
    '/api/v1/watch/namespaces/default/nodes',
    '/api/v1/namespaces/default/configmaps/c/status/more',
    '/api/v1/namespaces/default/configmaps/c//',
  ]) {
    const { status } = await server.request('GET', path, { handler: eve });
    assert.equal(status, 404, path);
  }
  const body = { metadata: { name: 'x' }, rules: [] };
  for (const plural of ['clusterroles', 'namespaces']) {
    await server.expect(404, 'POST', `${rbac}/namespaces/default/${plural}`, {
      handler: eve,
      body,
    });
  }
});

test('an update creates what its caller may create, under the name that it was judged by', async () => {
  await using server = await startTestServer();
  const verbs = ['get', 'update'];
  const rule = { apiGroups: [''], resources: ['endpoints'], resourceNames: ['a', 'b'], verbs };
  const eve = await userWith(server, [rule]);
  const a = { handler: eve, body: { metadata: { name: 'a' } } };
  const { json } = await server.expect(403, 'PUT', `${endpoints}/a`, a);
  assert.match(json.message, /User "eve-\d+" cannot create resource "endpoints"/);
  const creator = await userWith(server, [{ ...rule, verbs: ['create', 'update'] }]);
  const other = { handler: creator, body: { metadata: { name: 'other' } } };
  await server.expect(400, 'PUT', `${endpoints}/a`, other);
  const gone = { handler: creator, body: { metadata: { name: 'a', uid: 'of-the-deleted-one' } } };
  await server.expect(409, 'PUT', `${endpoints}/a`, gone);
  await server.expect(201, 'PUT', `${endpoints}/a`, { ...a, handler: creator });
  await server.expect(200, 'PUT', `${endpoints}/a`, a);
});

test('a watch of one name by the old path stays with that name', async () => {
  await using server = await startTestServer();
  const rule = { apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'] };
  const eve = await userWith(server, [{ ...rule, verbs: ['watch'] }]);
  for (const name of ['mine', 'secret']) {
    await server.expect(201, 'POST', configMaps, { body: { metadata: { name } } });
  }
  const path = '/api/v1/watch/namespaces/default/configmaps/mine';
  for (const selector of ['metadata.name!=none', 'metadata.name=mine', 'metadata.name=secret']) {
    const query = `fieldSelector=${encodeURIComponent(selector)}&timeoutSeconds=1`;
    await using watch = await server.watch(`${path}?${query}`, { handler: eve });
    const first = watch.next();
    await server.clock.advance(1_000);
    const seen = (await first)?.object.metadata.name;
    assert.equal(seen, selector.endsWith('secret') ? undefined : 'mine', selector);
  }
});

test('only who may do everything makes a role that takes in others, or stops one from it', async () => {
  await using server = await startTestServer();
  const all = ['get', 'create', 'update', 'patch'];
  const eve = await userWith(server, [{ apiGroups: [apiGroup], resources: ['*'], verbs: all }]);
  const roles = `${rbac}/clusterroles`;
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
  const taking = { metadata: { name: 'taking' }, aggregationRule, rules: [] };
  await server.expect(403, 'POST', roles, { handler: eve, body: taking });
  await server.expect(201, 'POST', roles, { body: taking });
  const rules = [{ apiGroups: [apiGroup], resources: ['roles'], verbs: ['get'] }];
  const plain = { handler: eve, body: { metadata: { name: 'taking' }, rules } };
  await server.expect(403, 'PUT', `${roles}/taking`, plain);
  await server.expect(201, 'POST', roles, {
    handler: eve,
    body: { metadata: { name: 'r' }, rules },
  });
  const wrong = [{ apiGroups: [''], resources: ['pods'] }];
  const refused = { handler: eve, body: { metadata: { name: 'w' }, rules: wrong } };
  await server.expect(422, 'POST', roles, refused);
});

test('a certificate request is of who made it, and judged by who may act for its signer', async () => {
  await using server = await startTestServer();
  const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const rules = [
    { apiGroups: ['certificates.k8s.io'], resources: ['*'], verbs: ['create', 'get', 'update'] },
    { apiGroups: [apiGroup], resources: ['*'], verbs: ['get'] },
  ];
  const eve = await userWith(server, rules);
  const asked = {
    signerName: 'example.com/s',
    usages: ['client auth'],
    request: btoa(ofDevelopers),
  };
  const forged = { ...asked, username: 'admin', groups: ['system:masters'], extra: { a: ['b'] } };
  const made = await server.expect(201, 'POST', requests, {
    handler: eve,
    body: { metadata: { name: 'c' }, spec: forged },
  });
  assert.match(made.json['spec'].username as string, /^eve-/);
  assert.deepEqual(made.json['spec'].groups, ['system:authenticated']);
  assert.equal(made.json['spec'].extra, undefined);
  const conditions = [{ type: 'Approved', status: 'True', reason: 'r', message: 'm' }];
  const body = { ...made.json, status: { conditions } };
  const approval = `${requests}/c/approval`;
  const refused = await server.expect(403, 'PUT', approval, { handler: eve, body });
  assert.match(refused.json.message, /not permitted to approve requests with signerName/);
  const failed = [{ type: 'Failed', status: 'True', reason: 'r', message: 'm' }];
  const judged = { ...made.json, status: { conditions: failed } };
  await server.expect(403, 'PUT', `${requests}/c/status`, { handler: eve, body: judged });
  await server.expect(200, 'PUT', approval, { body });
});

test('a custom resource named like a review is kept like any other', async () => {
  await using server = await startTestServer();
  const group = 'odd.example.com';
  const names = { plural: 'tokenreviews', singular: 't', kind: 'Odd', listKind: 'OddList' };
  const schema = { openAPIV3Schema: { type: 'object' } };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  await server.expect(201, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: {
      metadata: { name: `tokenreviews.${group}` },
      spec: { group, names, scope: 'Cluster', versions },
    },
  });
  await server.clock.advance(0);
  const path = `/apis/${group}/v1/tokenreviews`;
  await server.expect(201, 'POST', path, {
    body: { apiVersion: 'odd.example.com/v1', kind: 'Odd', metadata: { name: 'a' } },
  });
  await server.expect(200, 'GET', `${path}/a`);
});

/** A user with a role in the namespace `default`; at the cluster scope for roles of the cluster. */
async function userWith(server: TestServer, rules: readonly object[]): Promise<Handler> {
  const isForCluster = JSON.stringify(rules).includes(apiGroup);
  const scope = isForCluster ? '' : '/namespaces/default';
  const [kind, role, binding] = isForCluster
    ? ['ClusterRole', 'clusterroles', 'clusterrolebindings']
    : ['Role', 'roles', 'rolebindings'];
  const name = `eve-${await server.store.currentRevision()}`;
  await server.expect(201, 'POST', `${rbac}${scope}/${role}`, {
    body: { metadata: { name }, rules },
  });
  await server.expect(201, 'POST', `${rbac}${scope}/${binding}`, {
    body: {
      metadata: { name },
      roleRef: { apiGroup, kind, name },
      subjects: [{ apiGroup, kind: 'User', name }],
    },
  });
  await server.clock.advance(0);
  return server.api.handlerFor({ username: name, groups: ['system:authenticated'] });
}
