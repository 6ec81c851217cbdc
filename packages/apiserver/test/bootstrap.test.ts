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
