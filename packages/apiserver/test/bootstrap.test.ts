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
