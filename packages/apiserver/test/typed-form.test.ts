import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';

const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
const merge = { 'content-type': 'application/merge-patch+json' };

test('what Go writes as null is null, whether it is left out, null or empty', async () => {
  await using server = await startTestServer();
  for (const [at, rules] of [undefined, null, []].entries()) {
    const { json } = await server.expect(201, 'POST', roles, {
      body: { metadata: { name: `r${at}` }, rules },
    });
    assert.equal(json['rules'], null);
    // Nobody has set it.
    assert.deepEqual(json.metadata.managedFields ?? [], []);
  }
  const { json: slice } = await server.expect(201, 'POST', slices, {
    body: { metadata: { name: 's' }, addressType: 'IPv4', endpoints: [] },
  });
  assert.deepEqual([slice['endpoints'], slice['ports']], [null, null]);
  const condition = { type: 'Ready', status: 'True' };
  await server.expect(201, 'POST', '/api/v1/nodes', { body: { metadata: { name: 'n' } } });
  const { json: node } = await server.expect(200, 'PATCH', '/api/v1/nodes/n/status', {
    headers: merge,
    body: { status: { conditions: [condition], images: [{}] } },
  });
  assert.deepEqual(node['status'].conditions, [
    { ...condition, lastHeartbeatTime: null, lastTransitionTime: null },
  ]);
  assert.deepEqual(node['status'].images, [{ names: null }]);
});

test('maps are in the order of their keys, also where defaults add one', async () => {
  await using server = await startTestServer();
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'default' } } });
  const resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { memory: '1Mi' } };
  const { text } = await server.expect(201, 'POST', '/api/v1/namespaces/default/pods', {
    body: {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i', resources }] },
    },
  });
  assert.ok(text.includes('"requests":{"cpu":"1","memory":"1Mi"}'), text);
  const { text: namespace } = await server.expect(201, 'POST', '/api/v1/namespaces', {
    body: { metadata: { name: 'm', labels: { z: '1' } } },
  });
  assert.ok(namespace.includes('"labels":{"kubernetes.io/metadata.name":"m","z":"1"}'), namespace);
});
