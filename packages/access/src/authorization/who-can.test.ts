import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestTarget } from '@fairway/protocol';
import { compactRules } from './covers-rules.ts';
import type { RbacPolicy, RoleBinding, Subject } from './rbac-policy.ts';
import { whoCan } from './who-can.ts';

const pods = { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get'] };
const ann: Subject = { kind: 'User', name: 'ann' };
const account: Subject = { kind: 'ServiceAccount', name: 's' };

function binding(name: string, role: string, namespace?: string): RoleBinding {
  const [kind = '', roleName = ''] = role.split(' ');
  return {
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { kind, name: roleName },
    subjects: [ann, account],
  };
}

const policy: RbacPolicy = {
  clusterRoles: [
    { metadata: { name: 'read', labels: { to: 'all' } }, rules: [pods] },
    {
      metadata: { name: 'health', labels: { to: 'all' } },
      rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }],
    },
    {
      metadata: { name: 'all' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'all' } }] },
      rules: [pods, { verbs: ['get'], nonResourceURLs: ['/healthz'] }],
    },
  ],
  clusterRoleBindings: [binding('everywhere', 'ClusterRole all')],
  roles: [
    {
      metadata: { name: 'one', namespace: 'a' },
      rules: [{ ...pods, resourceNames: ['web'] }],
    },
  ],
  roleBindings: [
    binding('one', 'Role one', 'a'),
    binding('gone', 'Role gone', 'a'),
    binding('read', 'ClusterRole read', 'b'),
    binding('paths', 'ClusterRole health', 'b'),
  ],
};

function ask(what: Partial<RequestTarget>, namespaces: readonly string[]): readonly string[] {
  const place = { subresource: '', namespace: '', name: '', rest: '' };
  const target = { isResource: true, verb: 'get', group: '', version: 'v1', plural: 'pods' };
  const asked = { ...target, ...place, ...what } as RequestTarget;
  return whoCan(policy, asked, namespaces).holders.map(
    ({ subject, binding: { metadata }, aggregatedFrom }) =>
      [subject.name, metadata.name, ...aggregatedFrom].join(' '),
  );
}

test('whoCan() names every subject with its binding, and where an aggregated rule is from', () => {
  const everywhere = ['ann everywhere read', 's everywhere read'];
  assert.deepEqual(ask({}, []), everywhere);
  assert.deepEqual(ask({}, ['a']), everywhere);
  assert.deepEqual(ask({ name: 'web' }, ['a']), [...everywhere, 'ann one', 's one']);
  assert.deepEqual(ask({ subresource: 'log' }, ['b']), [...everywhere, 'ann read', 's read']);
  assert.deepEqual(ask({ verb: 'delete' }, ['a', 'b']), []);
});

test('whoCan() lets no binding of a namespace speak of paths', () => {
  const path = { isResource: false, verb: 'get', path: '/healthz' } as const;
  assert.deepEqual(ask(path, ['a', 'b']), ['ann everywhere health', 's everywhere health']);
});

test('whoCan() tells of bindings whose role is not there', () => {
  const target = { isResource: false, verb: 'get', path: '/x' } as const;
  assert.deepEqual(whoCan(policy, target, ['a']).unresolved, []);
  const asked = { ...target, isResource: true, group: '', version: '*', plural: 'pods' } as const;
  const place = { subresource: '', namespace: 'a', name: '', rest: '' };
  const { unresolved } = whoCan(policy, { ...asked, ...place }, ['a']);
  assert.deepEqual(
    unresolved.map(({ metadata }) => metadata.name),
    ['gone'],
  );
});

test('compactRules() says once for each resource what may be done to it', () => {
  const rules = [
    { apiGroups: [''], resources: ['a', 'b'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['a'], verbs: ['list', 'watch'] },
    { nonResourceURLs: ['/x', '/y'], verbs: ['get'] },
    { nonResourceURLs: ['/x'], verbs: ['get'] },
  ];
  assert.deepEqual(
    compactRules(rules).map(({ verbs, resources, nonResourceURLs }) =>
      [...(resources ?? nonResourceURLs ?? []), ...verbs].join(' '),
    ),
    ['/x get', '/y get', '/x get', 'a get list watch', 'b get list'],
  );
});
