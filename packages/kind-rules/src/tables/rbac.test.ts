import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { roleBindings } from './rbac.ts';

test('roleBindings show who gets which role', () => {
  const subjects = [
    { kind: 'User', name: 'ann' },
    { kind: 'Group', name: 'ops' },
    { kind: 'User', name: 'bob' },
    { kind: 'ServiceAccount', namespace: 'ci', name: 'robot' },
  ];
  deepEqual(rowOf(roleBindings, { roleRef: { kind: 'ClusterRole', name: 'view' }, subjects }), {
    Role: 'ClusterRole/view',
    Users: 'ann, bob',
    Groups: 'ops',
    ServiceAccounts: 'ci/robot',
  });
});
