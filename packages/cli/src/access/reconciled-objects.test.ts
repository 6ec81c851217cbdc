import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AnyBinding,
  type AnyRole,
  reconcileBinding,
  reconcileRole,
} from './reconciled-objects.ts';

const adds = { removesExtra: false };
const replaces = { removesExtra: true };
const rule = (...verbs: readonly string[]) => ({ apiGroups: [''], resources: ['pods'], verbs });
const role = (verbs: readonly string[], metadata: object = {}): AnyRole => ({
  metadata: { name: 'r', ...metadata },
  rules: [rule(...verbs)],
});

test('reconcileRole() adds what is missing, and takes away only when told', () => {
  const [existing, wanted] = [role(['get', 'list']), role(['get', 'watch'])];
  const united = reconcileRole(wanted, existing, adds);
  assert.deepEqual(united.object.rules, [rule('get', 'list'), rule('watch')]);
  assert.deepEqual([united.missingRules, united.extraRules], [[rule('watch')], [rule('list')]]);
  assert.deepEqual(reconcileRole(wanted, existing, replaces).object.rules, wanted.rules);
  assert.equal(reconcileRole(role(['get']), existing, adds).operation, 'none');
  assert.equal(reconcileRole(role(['get']), existing, replaces).operation, 'update');
  assert.equal(reconcileRole(wanted, undefined, adds).operation, 'create');
});

test('reconcileRole() keeps labels that are there, and leaves alone what asks for it', () => {
  const existing = role(['get'], { labels: { a: 'mine' }, resourceVersion: '7' });
  const labelled = reconcileRole(role(['get'], { labels: { a: 'x', b: 'y' } }), existing, adds);
  assert.deepEqual(labelled.object.metadata?.labels, { a: 'mine', b: 'y' });
  assert.deepEqual(
    [labelled.operation, labelled.object.metadata?.resourceVersion],
    ['update', '7'],
  );
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
  const isProtected = (of: object): boolean =>
    reconcileRole(role(['list']), role(['get'], of), adds).isProtected;
  assert.deepEqual([isProtected({ annotations }), isProtected({})], [true, false]);
});

test('reconcileRole() unites what roles collect, and ends it where it is not wanted', () => {
  const collecting = (...names: readonly string[]): AnyRole => ({
    ...role(['get']),
    aggregationRule: {
      clusterRoleSelectors: names.map((name) => ({ matchLabels: { name } })),
    },
  });
  const selectors = (done: { readonly object: AnyRole }) =>
    done.object.aggregationRule?.clusterRoleSelectors?.map((each) => each.matchLabels?.['name']);
  const both = [collecting('b', 'c'), collecting('a', 'b')] as const;
  assert.deepEqual(selectors(reconcileRole(...both, adds)), ['a', 'b', 'c']);
  assert.deepEqual(selectors(reconcileRole(...both, replaces)), ['b', 'c']);
  assert.equal(selectors(reconcileRole(role(['get']), both[0], adds)), undefined);
  assert.equal(reconcileRole(collecting('a'), collecting('a'), replaces).operation, 'none');
});

test('reconcileBinding() compares subjects as a server completes them', () => {
  const of = (name: string, ...names: readonly string[]): AnyBinding => ({
    metadata: { name: 'b' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: names.map((each) => ({ kind: 'User', name: each })),
  });
  const apiGroup = 'rbac.authorization.k8s.io';
  const existing = { ...of('r'), subjects: [{ kind: 'User', apiGroup, name: 'ann' }] };
  assert.equal(reconcileBinding(of('r', 'ann'), existing, replaces).operation, 'none');
  const united = reconcileBinding(of('r', 'bob', 'bob'), existing, adds);
  assert.deepEqual(
    united.object.subjects?.map(({ name }) => name),
    ['ann', 'bob'],
  );
  assert.deepEqual(united.extraSubjects, existing.subjects);
  const replaced = reconcileBinding(of('r', 'bob'), existing, replaces);
  assert.deepEqual(
    replaced.object.subjects?.map(({ name }) => name),
    ['bob'],
  );
  assert.equal(reconcileBinding(of('other', 'ann'), existing, adds).operation, 'recreate');
});
