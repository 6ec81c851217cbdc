import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAdmissionConfiguration } from '@fairway/apiserver';
import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const inDefault = '/api/v1/namespaces/default';

interface PodParts {
  readonly metadata?: object;
  readonly spec?: object;
  readonly container?: object;
}

function pod({ metadata = {}, spec = {}, container = {} }: PodParts = {}): object {
  const containers = [{ name: 'c', image: 'registry.example/app:1', ...container }];
  return { metadata: { name: 'p', ...metadata }, spec: { containers, ...spec } };
}

/** A server whose pods need no account. */
function start(...enabledAdmissionPlugins: readonly string[]): Promise<TestServer> {
  return startTestServer({ enabledAdmissionPlugins, disabledAdmissionPlugins: ['ServiceAccount'] });
}

/** Tries it out: the pod as it would be, or why it is refused. */
async function tryPod(server: TestServer, parts: PodParts, namespace = 'default') {
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  const { status, json } = await server.request('POST', path, { body: pod(parts) });
  return { status, spec: json['spec'], message: json.message };
}

test('AlwaysPullImages has images pulled anew, and lets pods that have theirs be changed', async () => {
  await using server = await start('AlwaysPullImages');
  const made = await server.expect(201, 'POST', `${inDefault}/pods`, { body: pod() });
  assert.equal(made.json['spec'].containers[0].imagePullPolicy, 'Always');
  await using before = await start();
  const plain = await before.expect(201, 'POST', `${inDefault}/pods`, { body: pod() });
  assert.equal(plain.json['spec'].containers[0].imagePullPolicy, 'IfNotPresent');
});

test('AlwaysDeny refuses every write, and AlwaysAdmit none', async () => {
  await using server = await start('AlwaysDeny');
  const body = { metadata: { name: 'a' } };
  const refused = await server.expect(403, 'POST', `${inDefault}/configmaps`, { body });
  const why = 'admission control is denying all modifications';
  assert.equal(refused.json.message, `configmaps "a" is forbidden: ${why}`);
  await server.expect(200, 'GET', `${inDefault}/configmaps`);
  await using open = await start('AlwaysAdmit');
  await open.expect(201, 'POST', `${inDefault}/configmaps`, { body });
});

test('NamespaceAutoProvision makes a namespace for what is to be in it', async () => {
  await using server = await start('NamespaceAutoProvision');
  const path = '/api/v1/namespaces/shop/configmaps';
  const body = { metadata: { name: 'a' } };
  await server.expect(404, 'POST', `${path}?dryRun=All`, { body });
  await server.expect(404, 'GET', '/api/v1/namespaces/shop');
  await server.expect(201, 'POST', path, { body });
  await server.expect(200, 'GET', '/api/v1/namespaces/shop');
  await server.expect(201, 'POST', path, { body: { metadata: { name: 'b' } } });
  const invalid = '/api/v1/namespaces/No/configmaps';
  const refused = await server.expect(403, 'POST', invalid, { body });
  assert.match(refused.json.message, /namespace "No" cannot be created: 422/);
});

test('NamespaceExists refuses what is in a namespace that does not exist', async () => {
  await using server = await startTestServer({
    enabledAdmissionPlugins: ['NamespaceExists'],
    disabledAdmissionPlugins: ['NamespaceLifecycle'],
  });
  const body = { metadata: { name: 'a' } };
  const path = '/api/v1/namespaces/nowhere/configmaps';
  const refused = await server.expect(404, 'POST', path, { body });
  assert.equal(refused.json.message, 'namespaces "nowhere" not found');
  await server.expect(201, 'POST', `${inDefault}/configmaps`, { body });
  await server.expect(201, 'POST', '/api/v1/namespaces', { body });
});

test('DenyServiceExternalIPs lets a service keep its addresses, and get no others', async () => {
  const service = (...externalIPs: readonly string[]): object => ({
    metadata: { name: 's' },
    spec: { ports: [{ port: 80 }], externalIPs },
  });
  await using server = await start('DenyServiceExternalIPs');
  const services = `${inDefault}/services`;
  const refused = await server.expect(403, 'POST', services, { body: service('192.0.2.1') });
  const why = 'Use of external IPs is denied by admission control';
  assert.equal(refused.json.message, `services "s" is forbidden: ${why}`);
  await server.expect(201, 'POST', services, { body: service() });
  await server.expect(403, 'PUT', `${services}/s`, { body: service('192.0.2.1') });
});

test('ExtendedResourceToleration lets a pod onto the nodes that are kept for what it asks for', async () => {
  await using server = await start('ExtendedResourceToleration');
  const amounts = { 'example.com/b': '1', 'example.com/a': '1', cpu: '1' };
  const resources = { requests: amounts, limits: amounts };
  const own = { key: 'example.com/a', operator: 'Exists', effect: 'NoSchedule' };
  const { spec } = await tryPod(server, { container: { resources }, spec: { tolerations: [own] } });
  const added = spec.tolerations.filter(({ key }: { key: string }) =>
    key.startsWith('example.com'),
  );
  assert.deepEqual(added, [own, { ...own, key: 'example.com/b' }]);
});

test('LimitPodHardAntiAffinityTopology keeps pods from excluding others from more than a node', async () => {
  await using server = await start('LimitPodHardAntiAffinityTopology');
  const apart = (topologyKey: string): PodParts => ({
    spec: {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: {} }],
        },
      },
    },
  });
  const refused = await tryPod(server, apart('topology.kubernetes.io/zone'));
  assert.equal(
    refused.message,
    'pods "p" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey topology.kubernetes.io/zone but only key kubernetes.io/hostname is allowed',
  );
  assert.equal((await tryPod(server, apart('kubernetes.io/hostname'))).status, 201);
});

async function makeNamespace(
  server: TestServer,
  name: string,
  annotations: Readonly<Record<string, string>>,
): Promise<void> {
  await server.expect(201, 'POST', '/api/v1/namespaces', {
    body: { metadata: { name, annotations } },
  });
}

test('PodNodeSelector gives pods the selector of their namespace', async () => {
  await using server = await start('PodNodeSelector');
  const key = 'scheduler.alpha.kubernetes.io/node-selector';
  await makeNamespace(server, 'shop', { [key]: 'disk=ssd, env=test' });
  const { spec } = await tryPod(server, { spec: { nodeSelector: { a: 'b' } } }, 'shop');
  assert.deepEqual(spec.nodeSelector, { disk: 'ssd', env: 'test', a: 'b' });
  const refused = await tryPod(server, { spec: { nodeSelector: { disk: 'hdd' } } }, 'shop');
  assert.equal(
    refused.message,
    'pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector',
  );
  await makeNamespace(server, 'odd', { [key]: 'disk' });
  const odd = await tryPod(server, {}, 'odd');
  assert.deepEqual([odd.status, odd.message], [500, 'invalid selector: [disk]']);
  assert.equal((await tryPod(server, {})).spec.nodeSelector, undefined);
});

test('PodTolerationRestriction gives tolerations, and allows no others', async () => {
  await using server = await start('PodTolerationRestriction');
  const prefix = 'scheduler.alpha.kubernetes.io';
  const given = { key: 'team', operator: 'Equal', value: 'a', effect: 'NoSchedule' };
  const usual = ['not-ready', 'unreachable', 'memory-pressure'].map((name) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
  }));
  await makeNamespace(server, 'shop', {
    [`${prefix}/defaultTolerations`]: JSON.stringify([given]),
    [`${prefix}/tolerationsWhitelist`]: JSON.stringify([given, ...usual]),
  });
  const { spec } = await tryPod(server, {}, 'shop');
  const keys = spec.tolerations.map(({ key: each }: { key: string }) => each);
  assert.ok(keys.includes('team') && !keys.includes('node.kubernetes.io/memory-pressure'));
  const resources = { requests: { memory: '1Mi' } };
  const burstable = await tryPod(server, { container: { resources } }, 'shop');
  const kept = burstable.spec.tolerations.map(({ key: each }: { key: string }) => each);
  assert.ok(kept.includes('node.kubernetes.io/memory-pressure'));
  const more = { spec: { tolerations: [{ operator: 'Exists' }] } };
  const refused = await tryPod(server, more, 'shop');
  assert.deepEqual(
    [refused.status, refused.message],
    [
      500,
      'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
    ],
  );
  assert.equal((await tryPod(server, more)).status, 201);
});

test('OwnerReferencesPermissionEnforcement asks whether the writer may delete, and hold up the owner', async () => {
  await using server = await start('OwnerReferencesPermissionEnforcement');
  const may = async (name: string, rules: readonly object[]): Promise<void> => {
    const role = { kind: 'ClusterRole', name, apiGroup: 'rbac.authorization.k8s.io' };
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
    await server.expect(201, 'POST', roles, { body: { metadata: { name }, rules } });
    const subjects = [{ kind: 'User', name, apiGroup: role.apiGroup }];
    const body = { metadata: { name }, subjects, roleRef: role };
    await server.expect(201, 'POST', `${roles.slice(0, -1)}bindings`, { body });
  };
  const write = { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] };
  const deleting = { ...write, verbs: ['create', 'delete'] };
  const finalizers = { apiGroups: [''], resources: ['configmaps/finalizers'], verbs: ['update'] };
  await may('writer', [write]);
  await may('deleter', [deleting]);
  await may('holder', [deleting, finalizers]);
  for (let turn = 0; turn < 20; turn++) await settle();
  const ask = async (username: string, owner: object | undefined) => {
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u', ...owner };
    const ownerReferences = owner === undefined ? [] : [reference];
    const handler = server.api.handlerFor({ username, groups: ['system:authenticated'] });
    const answer = await server.request('POST', `${inDefault}/configmaps?dryRun=All`, {
      body: { metadata: { name: 'a', ownerReferences } },
      handler,
    });
    return answer.status === 201 ? 'allowed' : answer.json.message;
  };
  assert.equal(await ask('writer', undefined), 'allowed');
  const forbidden = 'configmaps "a" is forbidden: ';
  assert.equal(
    await ask('writer', {}),
    `${forbidden}cannot set an ownerRef on a resource you can't delete: , <nil>`,
  );
  assert.equal(await ask('deleter', {}), 'allowed');
  const blocking = { blockOwnerDeletion: true };
  assert.equal(
    await ask('deleter', blocking),
    `${forbidden}cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>`,
  );
  assert.equal(await ask('holder', blocking), 'allowed');
  assert.match(
    await ask('holder', { ...blocking, kind: 'Nothing' }),
    /cannot find RESTMapping for APIVersion v1 Kind Nothing$/,
  );
});

test('PodResizeValidator keeps a pod to what its node has', async () => {
  await using server = await start();
  const makeNode = async (name: string, labels: object): Promise<void> => {
    await server.expect(201, 'POST', '/api/v1/nodes', { body: { metadata: { name, labels } } });
    const status = {
      allocatable: { cpu: '1', memory: '1Gi' },
      capacity: { cpu: '1', memory: '1Gi' },
    };
    await server.expect(200, 'PATCH', `/api/v1/nodes/${name}/status`, {
      body: { status },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  };
  await makeNode('linux', { 'kubernetes.io/os': 'linux' });
  await makeNode('other', { 'kubernetes.io/os': 'windows' });
  const resize = async (node: string, cpu: string, memory = '1Mi') => {
    const amounts = { cpu: '100m', memory: '1Mi' };
    const container = { resources: { requests: amounts } };
    const body = pod({ metadata: { name: `on-${node}` }, spec: { nodeName: node }, container });
    await server.request('POST', `${inDefault}/pods`, { body });
    return server.request('PATCH', `${inDefault}/pods/on-${node}/resize?dryRun=All`, {
      body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu, memory } } }] } },
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
    });
  };
  assert.equal((await resize('linux', '1')).status, 200);
  const refused = await resize('linux', '1100m', '2Gi');
  assert.equal(
    refused.json.message,
    `pods "on-linux" is forbidden: Node didn't have enough allocatable resources: cpu, requested: 1100, allocatable: 1000; memory, requested: ${2 ** 31}, allocatable: ${2 ** 30}`,
  );
  assert.equal(refused.json['details'].causes[0].reason, 'NodeCapacity');
  const elsewhere = await resize('other', '1');
  assert.equal(
    elsewhere.json.message,
    'pods "on-other" is forbidden: pod resize is only supported on linux nodes, node "other" is "windows"',
  );
  assert.equal(elsewhere.json['details'].causes[0].reason, 'UnsupportedPlatform');
  assert.equal(
    (await resize('gone', '1')).json.message,
    'pods "on-gone" is forbidden: node "gone" not found',
  );
});

test('plugins do what their configurations say', async () => {
  const { admissionConfigurations } = {
    admissionConfigurations: {
      ...readAdmissionConfiguration('PodSecurity', {
        apiVersion: 'pod-security.admission.config.k8s.io/v1',
        kind: 'PodSecurityConfiguration',
        defaults: { enforce: 'baseline' },
        exemptions: { namespaces: ['kube-system'] },
      }),
      ...readAdmissionConfiguration('PodNodeSelector', {
        podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: 'a=b', default: 'a=b,c=d' },
      }),
      ...readAdmissionConfiguration('PodTolerationRestriction', {
        apiVersion: 'podtolerationrestriction.admission.k8s.io/v1alpha1',
        kind: 'Configuration',
        default: [{ key: 'team', operator: 'Exists' }],
      }),
      ...readAdmissionConfiguration('EventRateLimit', {
        apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
        kind: 'Configuration',
        limits: [{ type: 'Namespace', qps: 1, burst: 1 }],
      }),
    },
  };
  await using server = await startTestServer({
    admissionConfigurations,
    enabledAdmissionPlugins: ['PodNodeSelector', 'PodTolerationRestriction', 'EventRateLimit'],
    disabledAdmissionPlugins: ['ServiceAccount'],
  });
  const onHost = { spec: { hostNetwork: true } };
  const held = await tryPod(server, onHost);
  assert.match(held.message, /violates PodSecurity "baseline:latest": host namespaces/);
  assert.equal((await tryPod(server, onHost, 'kube-system')).status, 201);
  const { spec } = await tryPod(server, {});
  assert.deepEqual(spec.nodeSelector, { a: 'b' });
  assert.deepEqual(spec.tolerations[0], { key: 'team', operator: 'Exists' });
  const { message } = await tryPod(server, { spec: { nodeSelector: { e: 'f' } } });
  assert.equal(
    message,
    'pods "p" is forbidden: pod node label selector labels conflict with its namespace whitelist',
  );
  const event = { involvedObject: { namespace: 'default' }, reason: 'r' };
  const write = (name: string) =>
    server.request('POST', `${inDefault}/events`, { body: { metadata: { name }, ...event } });
  assert.equal((await write('a')).status, 201);
  const refused = await write('b');
  assert.deepEqual([refused.status, refused.json.reason], [429, 'TooManyRequests']);
});
