import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type RbacPolicy, indexPolicy, rbacAuthorizer } from '@fairway/access';
import { type UserInfo, parseRequestTarget } from '@fairway/protocol';
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

test('bootstrapRbacObjects() lets in whom a fresh cluster lets in', () => {
  const of = <T>(kind: string): readonly T[] =>
    objects.filter((each) => each.kind === kind) as readonly unknown[] as readonly T[];
  const policy: RbacPolicy = {
    clusterRoles: of('ClusterRole'),
    clusterRoleBindings: of('ClusterRoleBinding'),
    roles: of('Role'),
    roleBindings: of('RoleBinding'),
  };
  const rbac = rbacAuthorizer(() => indexPolicy(policy));
  const anonymous = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
  const account = {
    username: 'system:serviceaccount:default:default',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
  };
  const scheduler = { username: 'system:kube-scheduler', groups: ['system:authenticated'] };
  const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler';
  const cases: readonly (readonly [UserInfo, string, string, boolean])[] = [
    [anonymous, 'GET', '/version', true],
    [anonymous, 'GET', '/healthz', true],
    [anonymous, 'GET', '/', false],
    [anonymous, 'GET', '/api/v1/namespaces', false],
    [anonymous, 'POST', reviews, false],
    [account, 'GET', '/api', true],
    [account, 'GET', '/openapi/v3/api/v1', true],
    [account, 'GET', '/.well-known/openid-configuration', true],
    [account, 'POST', reviews, true],
    [account, 'GET', '/api/v1/pods', false],
    [scheduler, 'GET', '/api/v1/pods', true],
    [scheduler, 'PUT', leases, true],
    [scheduler, 'GET', '/api/v1/secrets', false],
  ];
  for (const [user, method, path, isAllowed] of cases) {
    const target = parseRequestTarget({ method, path, query: '' });
    const { kind } = rbac.authorize({ user, target });
    equal(kind === 'allow', isAllowed, `${user.username} ${method} ${path}`);
  }
});
