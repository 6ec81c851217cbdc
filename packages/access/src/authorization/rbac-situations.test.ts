import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceTarget, UserInfo } from '@fairway/protocol';
import * as fc from 'fast-check';
import { rbacAuthorizer } from './rbac-authorizer.ts';
import { indexPolicy } from './rbac-index.ts';
import type { ClusterRole, PolicyRule, Role, RoleBinding, Subject } from './rbac-policy.ts';

/**
 * RBAC as its documentation tells it, with nothing remembered: is there a binding that counts here, for a
 * subject that the user is, to a role with a rule that allows this?
 */
function mayByTheBook(policy: Policy, user: UserInfo, target: ResourceTarget): boolean {
  const bindings = [
    ...policy.clusterRoleBindings,
    ...policy.roleBindings.filter(({ metadata }) => metadata.namespace === target.namespace),
  ];
  return bindings.some((binding) => {
    const { namespace } = binding.metadata;
    if (!(binding.subjects ?? []).some((subject) => isSubject(user, subject, namespace))) {
      return false;
    }
    const { kind, name } = binding.roleRef;
    const roles: readonly Role[] =
      kind === 'ClusterRole'
        ? policy.clusterRoles
        : policy.roles.filter(({ metadata }) => metadata.namespace === namespace);
    const isKnown = kind === 'ClusterRole' || (kind === 'Role' && namespace !== undefined);
    const role = roles.find(({ metadata }) => metadata.name === name);
    return isKnown && (role?.rules ?? []).some((rule) => allows(rule, target));
  });
}

function isSubject(user: UserInfo, { kind, name, namespace }: Subject, place?: string): boolean {
  if (kind === 'User') return user.username === name;
  if (kind === 'Group') return user.groups.includes(name);
  return user.username === `system:serviceaccount:${namespace || place}:${name}`;
}

function allows(rule: PolicyRule, { verb, group, plural, subresource, name }: ResourceTarget) {
  const has = (list: readonly string[] | undefined, ...any: string[]): boolean =>
    any.some((each) => list?.includes(each) === true);
  const resources =
    subresource === '' ? [plural, '*'] : [`${plural}/${subresource}`, `*/${subresource}`, '*'];
  return (
    has(rule.verbs, verb, '*') &&
    has(rule.apiGroups, group, '*') &&
    has(rule.resources, ...resources) &&
    ((rule.resourceNames ?? []).length === 0 || has(rule.resourceNames, name))
  );
}

interface Policy {
  readonly clusterRoles: readonly ClusterRole[];
  readonly roles: readonly Role[];
  readonly clusterRoleBindings: readonly RoleBinding[];
  readonly roleBindings: readonly RoleBinding[];
}

const some = (...words: string[]) => fc.subarray(words, { minLength: 1 });
const arbitraryRule = fc.record({
  verbs: some('get', 'list', '*'),
  apiGroups: some('', 'apps', '*'),
  resources: some('pods', 'pods/log', '*/log', '*', 'nodes'),
  resourceNames: fc.oneof(fc.constant([]), some('a', 'b', '')),
});
const arbitraryRules = fc.array(arbitraryRule, { minLength: 1, maxLength: 3 });
const namesOf = (...names: string[]) => fc.constantFrom(...names);
const arbitraryRole = (namespace?: string) =>
  fc.record({ name: namesOf('r', 's'), rules: arbitraryRules }).map(({ name, rules }): Role => {
    return { metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, rules };
  });
const arbitrarySubject: fc.Arbitrary<Subject> = fc.oneof(
  fc.record({
    kind: namesOf('User', 'Group'),
    name: namesOf('ann', 'dev', 'system:serviceaccount:x:bot'),
  }),
  fc.record({
    kind: fc.constant('ServiceAccount'),
    name: namesOf('bot', 'ann'),
    namespace: namesOf('x', 'y'),
  }),
);
const arbitraryBinding = (namespace?: string) =>
  fc
    .record({
      name: namesOf('b', 'c', 'd'),
      subjects: fc.array(arbitrarySubject, { minLength: 1, maxLength: 4 }),
      kind: namesOf('ClusterRole', 'Role'),
      role: namesOf('r', 'r', 's', 's', 'gone'),
    })
    .map(({ name, subjects, kind, role }): RoleBinding => {
      const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
      return { metadata, subjects, roleRef: { kind, name: role } };
    });
const distinct = <Each extends Role | RoleBinding>(each: fc.Arbitrary<Each>) =>
  fc.uniqueArray(each, { minLength: 1, maxLength: 3, selector: ({ metadata }) => metadata.name });
const ofNamespaces = <Each extends Role | RoleBinding>(
  make: (namespace: string) => fc.Arbitrary<Each>,
) => fc.tuple(distinct(make('x')), distinct(make('y'))).map(([x, y]) => [...x, ...y]);
const arbitraryPolicy: fc.Arbitrary<Policy> = fc.record({
  clusterRoles: distinct(arbitraryRole()),
  roles: ofNamespaces(arbitraryRole),
  clusterRoleBindings: distinct(arbitraryBinding()),
  roleBindings: ofNamespaces(arbitraryBinding),
});
const arbitraryUser: fc.Arbitrary<UserInfo> = fc.record({
  username: namesOf('ann', 'dev', 'system:serviceaccount:x:bot', 'system:serviceaccount:y:bot'),
  groups: some('ann', 'dev', 'other'),
});
const arbitraryTarget: fc.Arbitrary<ResourceTarget> = fc.record({
  isResource: fc.constant(true as const),
  verb: namesOf('get', 'list', 'delete'),
  group: namesOf('', 'apps'),
  version: fc.constant('v1'),
  plural: namesOf('pods', 'nodes', 'secrets'),
  subresource: namesOf('', 'log', 'status'),
  namespace: namesOf('', 'x', 'y'),
  name: namesOf('', 'a', 'c'),
  rest: fc.constant(''),
});

test('rbacAuthorizer() decides 5,000 generated situations as RBAC is told', () => {
  let allowed = 0;
  fc.assert(
    fc.property(arbitraryPolicy, arbitraryUser, arbitraryTarget, (policy, user, target) => {
      const { authorize } = rbacAuthorizer(() => indexPolicy(policy));
      const expected = mayByTheBook(policy, user, target);
      if (expected) allowed += 1;
      equal(authorize({ user, target }).kind, expected ? 'allow' : 'noOpinion');
    }),
    { numRuns: 5_000 },
  );
  // Otherwise the situations would say little.
  equal(allowed > 500, true, `${allowed} were allowed`);
});
