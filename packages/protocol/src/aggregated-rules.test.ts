import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { type AggregatableRole, type RoleRule, aggregatedRules } from './aggregated-rules.ts';

type Role = AggregatableRole<RoleRule>;

test('aggregatedRules() collects each rule of the selected roles once', () => {
  const get: RoleRule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
  const list: RoleRule = { apiGroups: [''], resources: ['pods'], verbs: ['list'] };
  const role = (name: string, labels: Record<string, string>, rules: RoleRule[]): Role => ({
    metadata: { name, labels },
    rules,
  });
  const view: Role = {
    metadata: { name: 'view', labels: { view: 'true' } },
    aggregationRule: {
      clusterRoleSelectors: [
        { matchLabels: { view: 'true' } },
        { matchExpressions: [{ key: 'tier', operator: 'In', values: ['x'] }] },
      ],
    },
    rules: [{ apiGroups: ['old'], resources: ['old'], verbs: ['get'] }],
  };
  const roles = [
    role('z', { view: 'true' }, [get, list]),
    role('a', { view: 'true' }, [list]),
    role('t', { tier: 'x' }, [{ verbs: ['get'], resources: ['nodes'], apiGroups: [''] }]),
    role('n', {}, [{ verbs: ['*'], resources: ['*'], apiGroups: ['*'] }]),
    view,
  ];
  deepEqual(aggregatedRules(view, roles), [
    list,
    get,
    { verbs: ['get'], resources: ['nodes'], apiGroups: [''] },
  ]);
  equal(aggregatedRules(role('plain', {}, []), roles), undefined);
  notEqual(roles[0]?.metadata?.name, 'a');
});
