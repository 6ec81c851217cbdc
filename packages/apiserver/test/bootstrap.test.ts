import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { KubernetesObject } from '@fairway/protocol';
import { type AnyObject, startTestServer } from '@fairway/apiserver/testing';

/** Kinds whose feature is not built: objects without effect would only mislead. */
const knownGaps: ReadonlySet<string> = new Set(['FlowSchema', 'PriorityLevelConfiguration']);

const collections: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  Service: '/api/v1/services',
  Endpoints: '/api/v1/endpoints',
  EndpointSlice: '/apis/discovery.k8s.io/v1/endpointslices',
  PriorityClass: '/apis/scheduling.k8s.io/v1/priorityclasses',
  ServiceCIDR: '/apis/networking.k8s.io/v1/servicecidrs',
  IPAddress: '/apis/networking.k8s.io/v1/ipaddresses',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  Role: '/apis/rbac.authorization.k8s.io/v1/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/rolebindings',
};

function readGolden(): readonly AnyObject[] {
  const url = new URL('fixtures/golden/bootstrap.json', import.meta.url);
  const objects = JSON.parse(readFileSync(url, 'utf8')) as AnyObject[];
  return objects.filter(({ kind }) => !knownGaps.has(kind));
}

test('a new cluster has the objects that a kube-apiserver 1.36 makes', async (t) => {
  await using server = await startTestServer();
  const golden = Map.groupBy(readGolden(), ({ kind }) => kind);
  assert.deepEqual([...golden.keys()].sort(), Object.keys(collections).sort());
  for (const [kind, expected] of golden) {
    await t.test(kind, async () => {
      const { json } = await server.expect(200, 'GET', collections[kind] ?? '');
      const found = new Map(json.items.map((each) => [nameOf(each), withoutVolatile(each)]));
      assert.deepEqual([...found.keys()], expected.map(nameOf).sort());
      for (const object of expected) {
        const made = found.get(nameOf(object));
        assert.deepEqual(made, withoutVolatile(expectedItem(object, made)), nameOf(object));
      }
    });
  }
});

test('a start gives roles and bindings back what was taken from them, and keeps what was added', async () => {
  await using first = await startTestServer();
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const policies = async () => {
    const kept = new Map<string, AnyObject>();
    for (const kind of ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']) {
      const { json } = await first.expect(200, 'GET', collections[kind] ?? '');
      for (const each of json.items) {
        kept.set(`${kind} ${nameOf(each)}`, withoutVolatile(each) as AnyObject);
      }
    }
    return kept;
  };
  const before = await policies();
  const patch = (path: string, body: object) =>
    first.expect(200, 'PATCH', `${rbac}/${path}`, {
      body,
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  const restart = async (): Promise<void> => {
    const again = await startTestServer({ openStore: async () => first.store });
    await again.api.close();
  };
  await patch('clusterroles/system:kube-scheduler', { rules: [] });
  await patch('clusterroles/system:kube-dns', { metadata: { labels: null, annotations: null } });
  await patch('clusterroles/view', { aggregationRule: null });
  await patch('clusterrolebindings/system:basic-user', { subjects: [] });
  await first.expect(200, 'DELETE', `${rbac}/clusterroles/edit`);
  await first.expect(200, 'DELETE', `${rbac}/clusterrolebindings/system:node-proxier`);
  const stolen = { ...(before.get('ClusterRoleBinding /system:node-proxier') as object) };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
  await first.expect(201, 'POST', `${rbac}/clusterrolebindings`, { body: { ...stolen, roleRef } });
  await restart();
  assert.deepEqual([...(await policies())], [...before]);

  const added = { apiGroups: ['example.com'], resources: ['x'], verbs: ['get'] };
  const rules = rulesOf(before, 'system:kube-dns');
  await patch('clusterroles/system:kube-dns', { rules: [added, ...rules.slice(1)] });
  const zed = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'zed' };
  await patch('clusterrolebindings/system:basic-user', { subjects: [zed] });
  await patch('clusterroles/system:heapster', {
    rules: [added, ...rulesOf(before, 'system:heapster')],
  });
  const autoupdate = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
  await patch('clusterroles/system:kube-scheduler', {
    metadata: { annotations: autoupdate },
    rules: [added],
  });
  await restart();
  const after = await policies();
  assert.deepEqual(after.get('ClusterRole /system:kube-dns')?.['rules'], [...rules, added]);
  const { subjects } = before.get('ClusterRoleBinding /system:basic-user') as AnyObject;
  const bound = after.get('ClusterRoleBinding /system:basic-user');
  assert.deepEqual(bound?.['subjects'], [...subjects, zed]);
  const kept = after.get('ClusterRole /system:heapster');
  assert.deepEqual(
    kept?.['rules'],
    [added, ...rulesOf(before, 'system:heapster')],
    'nothing is missing',
  );
  assert.deepEqual(after.get('ClusterRole /system:kube-scheduler')?.['rules'], [added]);
});

test('what a cluster has of its own is made once, and stays as it has become', async () => {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const rules = [{ apiGroups: ['example.com'], resources: ['x'], verbs: ['get'] }];
  const role = { apiVersion, kind: 'Role' as const, rules };
  const ownRoles = [{ ...role, metadata: { name: 'own', namespace: 'kube-public' } }];
  await using first = await startTestServer({ ownRoles });
  const path = `/apis/${apiVersion}/namespaces/kube-public/roles/own`;
  const { json } = await first.expect(200, 'GET', path);
  assert.deepEqual(json['rules'], rules);
  await first.expect(200, 'PUT', path, { body: { ...json, rules: [] } });
  const restart = async (): Promise<void> => {
    const again = await startTestServer({ openStore: async () => first.store, ownRoles });
    await again.api.close();
  };
  await restart();
  assert.equal((await first.expect(200, 'GET', path)).json['rules'], null);
  await first.expect(200, 'DELETE', path);
  await restart();
  assert.deepEqual((await first.expect(200, 'GET', path)).json['rules'], rules);
});

function rulesOf(policies: ReadonlyMap<string, AnyObject>, role: string): readonly object[] {
  return policies.get(`ClusterRole /${role}`)?.['rules'] as readonly object[];
}

test('the kubernetes service leads to where its server is now, and nowhere without a network', async () => {
  await using first = await startTestServer();
  const places: [host: string, family: string, addresses: readonly string[], url: string][] = [
    ['198.51.100.1', 'IPv4', ['198.51.100.1'], '198.51.100.1:6443'],
    ['fd00::2', 'IPv6', ['fd00::2'], '[fd00::2]:6443'],
    ['127.0.0.1', 'IPv4', [], '127.0.0.1:6443'],
    ['198.51.100.2', 'IPv4', ['198.51.100.2'], '198.51.100.2:6443'],
  ];
  for (const [host, family, addresses, serverAddress] of places) {
    const server = await startTestServer({
      openStore: async () => first.store,
      advertised: { host, port: 6443 },
    });
    const endpoints = await server.expect(200, 'GET', placeOf('/api/v1', 'endpoints'));
    const ips = (endpoints.json['subsets'] ?? []).flatMap((each: AnyObject) => each['addresses']);
    assert.deepEqual(
      ips,
      addresses.map((ip) => ({ ip })),
      host,
    );
    const slicePath = placeOf('/apis/discovery.k8s.io/v1', 'endpointslices');
    const slice = (await server.expect(200, 'GET', slicePath)).json;
    assert.equal(slice['addressType'], family, host);
    const sliced = (slice['endpoints'] ?? []).flatMap((each: AnyObject) => each['addresses']);
    assert.deepEqual(sliced, addresses, host);
    const [told] = (await server.expect(200, 'GET', '/api')).json['serverAddressByClientCIDRs'];
    assert.equal(told.serverAddress, serverAddress);
    const { json: issuer } = await server.expect(200, 'GET', '/.well-known/openid-configuration');
    assert.equal(issuer['jwks_uri'], `https://${serverAddress}/openid/v1/jwks`);
    const flags = await server.expect(200, 'GET', '/flagz', { headers: { accept: 'text/plain' } });
    assert.ok(flags.text.includes(`advertise-address: ${host}\n`), flags.text);
    await server.api.close();
  }
});

function placeOf(prefix: string, plural: string): string {
  return `${prefix}/namespaces/default/${plural}/kubernetes`;
}

/** The recorded server had no controller yet that fills in the rules of aggregated roles. */
function expectedItem({ apiVersion: _, kind: __, ...item }: AnyObject, made: unknown): object {
  if (item['aggregationRule'] === undefined) return item;
  const { rules } = made as { rules: readonly unknown[] };
  assert.ok(rules.length > 0);
  return { ...item, rules };
}

function nameOf({ metadata }: KubernetesObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name}`;
}

function withoutVolatile(object: unknown): unknown {
  if (Array.isArray(object)) return object.map(withoutVolatile);
  if (typeof object !== 'object' || object === null) return object;
  const kept = Object.entries(object).filter(([field]) => !volatile.has(field));
  return Object.fromEntries(kept.map(([field, value]) => [field, withoutVolatile(value)]));
}

const volatile: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'lastTransitionTime',
  // The recorded objects were kept without.
  'managedFields',
]);
