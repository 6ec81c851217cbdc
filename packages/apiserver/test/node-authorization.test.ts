import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { type AnyObject, type TestServer, startTestServer } from '@fairway/apiserver/testing';

const place = '/api/v1/namespaces/a';
const container = { name: 'c', image: 'i' };

test('a node reads what its pods need, until they are gone', async () => {
  await using server = await startTestServer();
  await fill(server);
  const needed = [
    ...['pull', 'env', 'from', 'mounted', 'projected', 'late', 'volume'].map(
      (name) => `secrets/${name}`,
    ),
    ...['env', 'from', 'mounted', 'projected'].map((name) => `configmaps/${name}`),
    'persistentvolumeclaims/claim',
    'persistentvolumeclaims/p-ephemeral',
    'serviceaccounts/bot',
    'pods/p',
  ].map((path) => `${place}/${path}`);
  const all = [...needed, '/api/v1/persistentvolumes/pv'];
  for (const path of all) {
    assert.notEqual(await statusAs(server, 'n1', path), 403, path);
    assert.equal(await statusAs(server, 'n2', path), 403, path);
  }
  const claims = '/apis/resource.k8s.io/v1/namespaces/a/resourceclaims';
  assert.equal(await statusAs(server, 'n1', `${claims}/direct`), 404);
  assert.equal(await statusAs(server, 'n1', `${claims}/templated`), 403);
  const made = [{ name: 't', resourceClaimName: 'templated' }];
  await server.expect(200, 'PATCH', `${place}/pods/p/status`, {
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { status: { resourceClaimStatuses: made } },
  });
  await settle();
  assert.equal(await statusAs(server, 'n1', `${claims}/templated`), 404);
  for (const path of ['secrets/other', 'secrets/controller', 'configmaps/other', 'pods/q']) {
    assert.equal(await statusAs(server, 'n1', `${place}/${path}`), 403, path);
  }
  await server.expect(200, 'DELETE', `${place}/pods/p?gracePeriodSeconds=0`);
  await settle();
  for (const path of all) assert.equal(await statusAs(server, 'n1', path), 403, path);
});

test('a secret that two pods of a node need stays with it until the second is gone', async () => {
  await using server = await startTestServer();
  await makeNamespace(server);
  for (const name of ['p', 'q']) {
    const volumes = [{ name: 'v', secret: { secretName: 's' } }];
    const spec = { nodeName: 'n1', containers: [container], volumes };
    await server.expect(201, 'POST', `${place}/pods`, { body: { metadata: { name }, spec } });
  }
  await settle();
  for (const [name, status] of [
    ['p', 404],
    ['q', 403],
  ] as const) {
    await server.expect(200, 'DELETE', `${place}/pods/${name}?gracePeriodSeconds=0`);
    await settle();
    assert.equal(await statusAs(server, 'n1', `${place}/secrets/s`), status);
  }
});

test('a mirror pod, which a node makes itself, gives it nothing', async () => {
  await using server = await startTestServer();
  await makeNamespace(server);
  const annotations = { 'kubernetes.io/config.mirror': 'x' };
  const spec = {
    nodeName: 'n1',
    containers: [container],
    volumes: [{ name: 'v', configMap: { name: 'c' } }],
  };
  const body = { metadata: { name: 'm', annotations }, spec };
  await server.expect(201, 'POST', `${place}/pods`, { body });
  await settle();
  assert.equal(await statusAs(server, 'n1', `${place}/configmaps/c`), 403);
  assert.equal(await statusAs(server, 'n1', `${place}/pods/m`), 200);
});

test('a node lists its own pods and slices by selector, and is told what it may not', async () => {
  await using server = await startTestServer();
  await makeNamespace(server);
  const slices = '/apis/resource.k8s.io/v1/resourceslices';
  const spec = {
    nodeName: 'n1',
    driver: 'd.example',
    pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
  };
  await server.expect(201, 'POST', slices, { body: { metadata: { name: 's' }, spec } });
  await settle();
  const own = (field: string, node: string) =>
    `?fieldSelector=${encodeURIComponent(`${field}=${node}`)}`;
  for (const [path, status] of [
    [`/api/v1/pods${own('spec.nodeName', 'n1')}`, 200],
    [`/api/v1/pods${own('spec.nodeName', 'n2')}`, 403],
    [`/api/v1/pods?fieldSelector=${encodeURIComponent('spec.nodeName!=n1')}`, 403],
    [`/api/v1/pods?fieldSelector=%2Cspec.nodeName`, 403],
    [`${slices}${own('spec.nodeName', 'n1')}`, 200],
    [`${slices}${own('spec.nodeName', 'n2')}`, 403],
    [`${slices}/s`, 200],
    ['/api/v1/nodes/n1', 404],
    [`/api/v1/nodes${own('metadata.name', 'n1')}`, 200],
    ['/apis/storage.k8s.io/v1/csidrivers', 200],
    ['/apis/storage.k8s.io/v1/csinodes/n1', 404],
    ['/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1', 404],
    [`${place}/secrets?watch=1`, 403],
    [`/api/v1/watch/namespaces/a/pods${own('spec.nodeName', 'n1')}`, 403],
  ] as const) {
    assert.equal(await statusAs(server, 'n1', path), status, path);
  }
  assert.equal(await statusAs(server, 'n2', `${slices}/s`), 403);
  const { json } = await asNode(server, '', '/api/v1/pods');
  assert.match(json.message, /at the cluster scope: unknown node for user "system:node:"$/);
});

async function fill(server: TestServer): Promise<void> {
  await makeNamespace(server);
  const spec = {
    nodeName: 'n1',
    serviceAccountName: 'bot',
    automountServiceAccountToken: false,
    imagePullSecrets: [{ name: 'pull' }],
    initContainers: [
      {
        ...container,
        name: 'i',
        env: [
          { name: 'A', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } },
          { name: 'B', valueFrom: { configMapKeyRef: { name: 'env', key: 'k' } } },
        ],
      },
    ],
    containers: [
      {
        ...container,
        envFrom: [{ secretRef: { name: 'from' } }, { configMapRef: { name: 'from' } }],
      },
    ],
    resourceClaims: [
      { name: 'd', resourceClaimName: 'direct' },
      { name: 't', resourceClaimTemplateName: 'template' },
    ],
    volumes: [
      { name: 's', secret: { secretName: 'mounted' } },
      { name: 'c', configMap: { name: 'mounted' } },
      {
        name: 'p',
        projected: {
          sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'projected' } }],
        },
      },
      { name: 'claim', persistentVolumeClaim: { claimName: 'claim' } },
      {
        name: 'ephemeral',
        ephemeral: {
          volumeClaimTemplate: {
            spec: {
              accessModes: ['ReadWriteOnce'],
              resources: { requests: { storage: '1Gi' } },
            },
          },
        },
      },
      { name: 'late', csi: { driver: 'd.example', nodePublishSecretRef: { name: 'late' } } },
    ],
  };
  await server.expect(201, 'POST', `${place}/pods`, { body: { metadata: { name: 'p' }, spec } });
  const other = { nodeName: 'n2', containers: [container] };
  await server.expect(201, 'POST', `${place}/pods`, {
    body: { metadata: { name: 'q' }, spec: other },
  });
  const csi = {
    driver: 'd.example',
    volumeHandle: 'h',
    nodeStageSecretRef: { name: 'volume', namespace: 'a' },
    controllerPublishSecretRef: { name: 'controller', namespace: 'a' },
  };
  const volume = {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    claimRef: { namespace: 'a', name: 'claim' },
    csi,
  };
  await server.expect(201, 'POST', '/api/v1/persistentvolumes', {
    body: { metadata: { name: 'pv' }, spec: volume },
  });
  await settle();
}

async function makeNamespace(server: TestServer): Promise<void> {
  await server.expect(201, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'a' } } });
  for (const name of ['default', 'bot']) {
    await server.expect(201, 'POST', `${place}/serviceaccounts`, { body: { metadata: { name } } });
  }
}

async function statusAs(server: TestServer, node: string, path: string): Promise<number> {
  return (await asNode(server, node, path)).status;
}

function asNode(
  server: TestServer,
  node: string,
  path: string,
): Promise<{ status: number; json: AnyObject }> {
  const user = {
    username: `system:node:${node}`,
    groups: ['system:nodes', 'system:authenticated'],
  };
  return server.request('GET', path, { handler: server.api.handlerFor(user) });
}
