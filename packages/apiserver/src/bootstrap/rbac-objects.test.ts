import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrapRbacObjects } from './rbac-objects.ts';

const objects = bootstrapRbacObjects();

function find(kind: string, name: string, namespace?: string): unknown {
  return objects.find(
    (each) =>
      each.kind === kind && each.metadata.name === name && each.metadata.namespace === namespace,
  );
}

test('bootstrapRbacObjects() makes every default object once', () => {
  const counts = Map.groupBy(objects, (each) => each.kind);
  deepEqual(
    [...counts].map(([kind, each]) => [kind, each.length]),
    [
      ['ClusterRole', 69],
      ['Role', 7],
      ['ClusterRoleBinding', 50],
      ['RoleBinding', 7],
    ],
  );
  const keys = objects.map(
    ({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`,
  );
  equal(new Set(keys).size, objects.length);
});

test('bootstrapRbacObjects() makes roles as a cluster serves them', () => {
  deepEqual(find('ClusterRole', 'cluster-admin'), {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
      name: 'cluster-admin',
    },
    rules: [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ],
  });
  deepEqual(find('ClusterRole', 'edit'), {
    aggregationRule: {
      clusterRoleSelectors: [
        { matchLabels: { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' } },
      ],
    },
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: {
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
      labels: {
        'kubernetes.io/bootstrapping': 'rbac-defaults',
        'rbac.authorization.k8s.io/aggregate-to-admin': 'true',
      },
      name: 'edit',
    },
    rules: null,
  });
});

test('bootstrapRbacObjects() makes bindings as a cluster serves them', () => {
  const group = 'rbac.authorization.k8s.io';
  deepEqual(find('RoleBinding', 'system::leader-locking-kube-scheduler', 'kube-system'), {
    apiVersion: `${group}/v1`,
    kind: 'RoleBinding',
    metadata: {
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
      name: 'system::leader-locking-kube-scheduler',
      namespace: 'kube-system',
    },
    roleRef: { apiGroup: group, kind: 'Role', name: 'system::leader-locking-kube-scheduler' },
    subjects: [
      { apiGroup: group, kind: 'User', name: 'system:kube-scheduler' },
      { kind: 'ServiceAccount', name: 'kube-scheduler', namespace: 'kube-system' },
    ],
  });
});
