import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { type Answer, type TestServer, startTestServer } from '@fairway/apiserver/testing';

const place = '/api/v1/namespaces/a';
const container = { name: 'c', image: 'i' };
const merge = { 'content-type': 'application/merge-patch+json' };

test('a node writes its own Node, and of its labels those of a kubelet', async () => {
  await using server = await startTestServer();
  const as = asNode(server);
  const node = (name: string, labels: object = {}) => ({ metadata: { name, labels } });
  const allowed = {
    'kubernetes.io/hostname': 'n1',
    'a.kubelet.kubernetes.io/x': 'y',
    'topology.kubernetes.io/zone': 'z',
    'example.com/any': 'x',
    plain: 'x',
  };
  const refused = {
    'node-restriction.kubernetes.io/x': 'y',
    'a.k8s.io/x': 'y',
    'node-role.kubernetes.io/control-plane': '',
  };
  const list = Object.keys(refused).sort().join(', ');
  await as.refused(
    'POST',
    '/api/v1/nodes',
    node('n2'),
    'node "n1" is not allowed to modify node "n2"',
  );
  await as.refused(
    'POST',
    '/api/v1/nodes',
    node('n1', { ...allowed, ...refused }),
    `node "n1" is not allowed to set the following labels: ${list}`,
  );
  await as.ok('POST', '/api/v1/nodes', node('n1', allowed));
  await server.expect(201, 'POST', '/api/v1/nodes', { body: node('n2') });
  const owner = { apiVersion: 'v1', kind: 'Namespace', name: 'a', uid: 'u' };
  for (const [path, body, why] of [
    ['n2', { spec: {} }, 'node "n1" is not allowed to modify node "n2"'],
    ['n2/status', { status: {} }, 'node "n1" is not allowed to modify node "n2"'],
    ['n1', { metadata: { labels: refused } }, `is not allowed to modify labels: ${list}`],
    ['n1', { spec: { taints: [] } }, 'node "n1" is not allowed to modify taints'],
    [
      'n1',
      { metadata: { ownerReferences: [owner] } },
      'node "n1" is not allowed to modify ownerReferences',
    ],
  ] as const) {
    await as.refused('PATCH', `/api/v1/nodes/${path}`, body, why);
  }
  await as.ok('PATCH', '/api/v1/nodes/n1', { metadata: { labels: { plain: 'y' } } });
  await as.ok('PATCH', '/api/v1/nodes/n1/status', { status: { phase: 'Running' } });
});

test('a node writes its own lease, CSINode and slices', async () => {
  await using server = await startTestServer();
  const as = asNode(server);
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const lease = 'can only access node lease with the same name as the requesting node';
  await as.refused('POST', leases, { metadata: { name: 'n2' } }, lease);
  await as.ok('POST', leases, { metadata: { name: 'n1' } });
  await as.ok('PATCH', `${leases}/n1`, { spec: { holderIdentity: 'n1' } });
  const csiNodes = '/apis/storage.k8s.io/v1/csinodes';
  const body = (name: string) => ({ metadata: { name }, spec: { drivers: [] } });
  const csi = 'can only access CSINode with the same name as the requesting node';
  await as.refused('POST', csiNodes, body('n2'), csi);
  await as.ok('POST', csiNodes, body('n1'));
  const slices = '/apis/resource.k8s.io/v1/resourceslices';
  const slice = (nodeName: string) => ({
    metadata: { name: `of-${nodeName}` },
    spec: {
      nodeName,
      driver: 'd.example',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
    },
  });
  const created = 'can only create ResourceSlice with the same NodeName as the requesting node';
  await as.refused('POST', slices, slice('n2'), created);
  await as.ok('POST', slices, slice('n1'));
  await server.expect(201, 'POST', slices, { body: slice('n2') });
  await settle();
  await as.ok('DELETE', `${slices}?fieldSelector=spec.nodeName%3Dn1`);
  await server.expect(404, 'GET', `${slices}/of-n1`);
});

test('a node makes mirror pods only, which name nothing, and touches no pod of another', async () => {
  await using server = await startTestServer();
  const as = asNode(server);
  await makeNamespace(server);
  const { json } = await server.expect(201, 'POST', '/api/v1/nodes', {
    body: { metadata: { name: 'n1' } },
  });
  const owner = {
    apiVersion: 'v1',
    kind: 'Node',
    name: 'n1',
    uid: json.metadata.uid,
    controller: true,
  };
  const mirror = (metadata: object, spec: object) => ({
    metadata: {
      name: 'm',
      annotations: { 'kubernetes.io/config.mirror': 'x' },
      ownerReferences: [owner],
      ...metadata,
    },
    spec: { nodeName: 'n1', containers: [container], ...spec },
  });
  const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] });
  const can = 'node "n1" can only create pods with';
  const cannot = 'node "n1" can not create pods that reference';
  for (const [body, why] of [
    [
      mirror({ annotations: {} }, {}),
      'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    ],
    [mirror({}, { nodeName: 'n2' }), `${can} spec.nodeName set to itself`],
    [mirror({ ownerReferences: [] }, {}), `${can} an owner reference set to itself`],
    [
      mirror({ ownerReferences: [{ ...owner, name: 'n2' }] }, {}),
      `${can} an owner reference set to itself`,
    ],
    [
      mirror({ ownerReferences: [{ ...owner, controller: false }] }, {}),
      `${can} a controller owner reference set to itself`,
    ],
    [
      mirror({ ownerReferences: [{ ...owner, blockOwnerDeletion: true }] }, {}),
      'node "n1" must not set blockOwnerDeletion on an owner reference',
    ],
    [
      mirror({ ownerReferences: [{ ...owner, uid: 'x' }] }, {}),
      `node n1 UID mismatch: expected x got ${json.metadata.uid}`,
    ],
    [mirror({}, { imagePullSecrets: [{ name: 's' }] }), `${cannot} secrets`],
    [mirror({}, volume({ configMap: { name: 'c' } })), `${cannot} configmaps`],
    [
      mirror({}, volume({ persistentVolumeClaim: { claimName: 'c' } })),
      `${cannot} persistentvolumeclaims`,
    ],
    [
      mirror({}, { resourceClaims: [{ name: 'r', resourceClaimName: 'c' }] }),
      `${cannot} resourceclaims`,
    ],
  ] as const) {
    await as.refused('POST', `${place}/pods`, body, why);
  }
  await as.ok('POST', `${place}/pods`, mirror({}, {}));
  const other = { metadata: { name: 'other' }, spec: { nodeName: 'n2', containers: [container] } };
  await server.expect(201, 'POST', `${place}/pods`, { body: other });
  const body = { status: { phase: 'Running' } };
  const status = 'node "n1" can only update pod status for pods with spec.nodeName set to itself';
  await as.refused('PATCH', `${place}/pods/other/status`, body, status);
  await as.ok('PATCH', `${place}/pods/m/status`, body);
  await as.refused(
    'PATCH',
    `${place}/pods/m/status`,
    { metadata: { labels: { a: 'b' } } },
    'node "n1" cannot update labels through pod status',
  );
  await as.refused(
    'PATCH',
    `${place}/pods/m/status`,
    { status: { resourceClaimStatuses: [{ name: 'r', resourceClaimName: 'c' }] } },
    'node "n1" cannot update resource claim statues',
  );
  const deletion = 'node "n1" can only delete pods with spec.nodeName set to itself';
  await as.refused('DELETE', `${place}/pods/other`, undefined, deletion);
  await as.ok('DELETE', `${place}/pods/m?gracePeriodSeconds=0`);
});

test('a node tells of a claim how large it is, and nothing else', async () => {
  await using server = await startTestServer();
  const as = asNode(server);
  await makeNamespace(server);
  const claims = `${place}/persistentvolumeclaims`;
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await server.expect(201, 'POST', claims, { body: { metadata: { name: 'c' }, spec } });
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
  const pod = {
    metadata: { name: 'p' },
    spec: { nodeName: 'n1', containers: [container], volumes },
  };
  await server.expect(201, 'POST', `${place}/pods`, { body: pod });
  await settle();
  await as.ok('PATCH', `${claims}/c/status`, { status: { capacity: { storage: '2Gi' } } });
  const why =
    'node "n1" is not allowed to update fields other than status.capacity and status.conditions';
  await as.refused('PATCH', `${claims}/c/status`, { status: { phase: 'Lost' } }, why);
});

test('a node gets tokens for its own pods, and for audiences that they name', async () => {
  await using server = await startTestServer();
  const as = asNode(server);
  await makeNamespace(server);
  const uids: Record<string, string> = {};
  for (const [name, nodeName] of [
    ['mine', 'n1'],
    ['other', 'n2'],
  ] as const) {
    const token = { serviceAccountToken: { path: 't', audience: 'vault' } };
    const volumes = [
      { name: 'v', projected: { sources: [token] } },
      { name: 'csi', csi: { driver: 'd.example' } },
    ];
    const spec = { nodeName, serviceAccountName: 'bot', containers: [container], volumes };
    const { json } = await server.expect(201, 'POST', `${place}/pods`, {
      body: { metadata: { name }, spec },
    });
    uids[name] = json.metadata.uid ?? '';
  }
  await server.expect(201, 'POST', '/apis/storage.k8s.io/v1/csidrivers', {
    body: { metadata: { name: 'd.example' }, spec: { tokenRequests: [{ audience: 'disks' }] } },
  });
  await settle();
  const path = `${place}/serviceaccounts/bot/token`;
  const ask = (name: string, change: object = {}, spec: object = {}) => {
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid: uids[name], ...change };
    return { spec: { boundObjectRef, ...spec } };
  };
  const unbound = 'node requested token not bound to a pod';
  await as.refused('POST', path, { spec: {} }, unbound);
  await as.refused('POST', path, ask('mine', { kind: 'Secret' }), unbound);
  await as.refused(
    'POST',
    path,
    ask('mine', { uid: '' }),
    'node requested token with a pod binding without a uid',
  );
  await as.refused(
    'POST',
    path,
    ask('mine', { uid: 'x' }),
    'the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
  );
  await as.refused(
    'POST',
    path,
    ask('other'),
    'node requested token bound to a pod scheduled on a different node',
  );
  await as.refused(
    'POST',
    path,
    ask('mine', {}, { audiences: ['elsewhere'] }),
    'audience "elsewhere" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience',
  );
  await as.refused(
    'POST',
    path,
    ask('mine', {}, { audiences: ['vault', 'disks'] }),
    'node may only request 0 or 1 audiences',
  );
  for (const audiences of [[], ['vault'], ['disks']]) {
    await as.ok('POST', path, ask('mine', {}, { audiences }));
  }
});

async function makeNamespace(server: TestServer): Promise<void> {
  await server.expect(201, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'a' } } });
  for (const name of ['default', 'bot']) {
    await server.expect(201, 'POST', `${place}/serviceaccounts`, { body: { metadata: { name } } });
  }
}

/** Writes as the node `n1`. */
function asNode(server: TestServer) {
  const groups = ['system:nodes', 'system:authenticated'];
  const handler = server.api.handlerFor({ username: 'system:node:n1', groups });
  const send = (method: string, path: string, body?: unknown): Promise<Answer> => {
    const headers = method === 'PATCH' ? merge : {};
    const sent = body === undefined ? {} : { body };
    return server.request(method, path, { handler, headers, ...sent });
  };
  return {
    async ok(method: string, path: string, body?: unknown): Promise<void> {
      const { status, text } = await send(method, path, body);
      assert.ok(status < 300, `${method} ${path}: ${text}`);
    },
    async refused(method: string, path: string, body: unknown, why: string): Promise<void> {
      const { status, json } = await send(method, path, body);
      assert.equal(status, 403, json.message);
      assert.equal(json.message.split(' is forbidden: ')[1], why);
    },
  };
}
