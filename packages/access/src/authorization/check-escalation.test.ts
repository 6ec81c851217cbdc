import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@fairway/protocol';
import type { Authorizer } from './authorizer.ts';
import { type RoleWrite, checkBindingWrite, checkRoleWrite } from './check-escalation.ts';
import { describeRules, uncoveredRules } from './covers-rules.ts';
import { rbacAuthorizer } from './rbac-authorizer.ts';
import { indexPolicy } from './rbac-index.ts';
import type { PolicyRule, RbacPolicy } from './rbac-policy.ts';

const pods: PolicyRule = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
const secrets: PolicyRule = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] };
const bob = { username: 'bob', groups: ['dev', 'system:authenticated'] };
const write: RoleWrite = { user: bob, plural: 'roles', namespace: 'x', name: 'mine' };

const policy: RbacPolicy = {
  clusterRoles: [{ metadata: { name: 'pods' }, rules: [pods] }],
  clusterRoleBindings: [
    {
      metadata: { name: 'pods' },
      subjects: [{ kind: 'User', name: 'bob' }],
      roleRef: { kind: 'ClusterRole', name: 'pods' },
    },
  ],
  roles: [],
  roleBindings: [],
};
const rbac = rbacAuthorizer(() => indexPolicy(policy));
const guard = { rbac, authorizer: rbac.authorize };

async function refusal(check: Promise<void>): Promise<ApiError | undefined> {
  try {
    await check;
    return undefined;
  } catch (error) {
    ok(error instanceof ApiError);
    return error;
  }
}

test('checkRoleWrite() lists what the writer does not hold', async () => {
  const paths = { nonResourceURLs: ['/metrics'], verbs: ['get'] };
  const named = { ...secrets, resourceNames: ['a'], verbs: ['get'] };
  const error = await refusal(checkRoleWrite(guard, write, [pods, secrets, named, paths]));
  equal(error?.code, 403);
  equal(
    error?.message,
    'roles.rbac.authorization.k8s.io "mine" is forbidden: user "bob" ' +
      '(groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
      '{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get"]}\n' +
      '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}\n' +
      '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
  );
  equal(await refusal(checkRoleWrite(guard, write, [pods])), undefined);
});

test('checkRoleWrite() lets through who may escalate, and system:masters', async () => {
  const seen: unknown[] = [];
  const authorizer: Authorizer = ({ target }) => {
    seen.push(target);
    return { kind: 'allow', reason: '' };
  };
  equal(await refusal(checkRoleWrite({ rbac, authorizer }, write, [secrets])), undefined);
  const expected = { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'roles' };
  const place = { subresource: '', namespace: 'x', name: 'mine', rest: '' };
  deepEqual(seen, [{ isResource: true, verb: 'escalate', ...expected, ...place }]);
  const admin = { username: 'a', groups: ['system:masters'] };
  equal(await refusal(checkRoleWrite(guard, { ...write, user: admin }, [secrets])), undefined);
});

test('checkBindingWrite() asks for bind on the role, or for all that is in it', async () => {
  const binding: RoleWrite = { ...write, plural: 'rolebindings', name: 'b' };
  const roleRef = { kind: 'ClusterRole', name: 'r' };
  const seen: string[] = [];
  const mayBind: Authorizer = ({ target }) => {
    if (target.isResource) seen.push(`${target.verb} ${target.plural}/${target.name}`);
    return { kind: 'allow', reason: '' };
  };
  const missing = { roleRef, rules: undefined };
  equal(
    await refusal(checkBindingWrite({ rbac, authorizer: mayBind }, binding, missing)),
    undefined,
  );
  deepEqual(seen, ['bind clusterroles/r']);
  equal(await refusal(checkBindingWrite(guard, binding, { roleRef, rules: [pods] })), undefined);
  const denied = await refusal(checkBindingWrite(guard, binding, { roleRef, rules: [secrets] }));
  ok(
    denied?.message.startsWith(
      'rolebindings.rbac.authorization.k8s.io "b" is forbidden: user "bob"',
    ),
  );
  const absent = await refusal(checkBindingWrite(guard, binding, missing));
  deepEqual(
    [absent?.code, absent?.message],
    [404, 'rolebindings.rbac.authorization.k8s.io "r" not found'],
  );
});

test('uncoveredRules() covers part by part', () => {
  const all = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };
  const named = (...resourceNames: string[]): PolicyRule => ({ ...pods, resourceNames });
  const cases: [PolicyRule[], PolicyRule[], number][] = [
    [[all], [pods, secrets], 0],
    [[pods], [all], 1],
    [
      [
        { ...pods, verbs: ['get'] },
        { ...pods, verbs: ['list'] },
      ],
      [pods],
      0,
    ],
    [[pods], [named('a')], 0],
    [[named('a', 'b')], [named('a')], 0],
    [[named('a')], [pods], 2],
    [[named('a')], [named('a', 'b')], 2],
    [[{ ...pods, resources: ['*/scale'] }], [{ ...pods, resources: ['x/scale'] }], 0],
    [[{ ...pods, resources: ['*/scale'] }], [{ ...pods, resources: ['x/status', 'scale'] }], 4],
    [
      [{ nonResourceURLs: ['/a/*'], verbs: ['*'] }],
      [{ nonResourceURLs: ['/a/b', '/a/b/*'], verbs: ['get'] }],
      0,
    ],
    [
      [{ nonResourceURLs: ['/a'], verbs: ['get'] }],
      [{ nonResourceURLs: ['/a/*', '*'], verbs: ['get'] }],
      2,
    ],
    [[all], [{ nonResourceURLs: ['/a'], verbs: ['get'] }], 1],
    [[], [], 0],
  ];
  for (const [held, wanted, missing] of cases) {
    const uncovered = uncoveredRules(held, wanted);
    equal(uncovered.length, missing, `${describeRules(held)} covers ${describeRules(wanted)}`);
  }
});

test('checkRoleWrite() does not look through more combinations than a role can mean', async () => {
  const many = Array.from({ length: 300 }, (_, at) => `a${at}`);
  const huge: PolicyRule = { apiGroups: many, resources: many, verbs: many };
  const error = await refusal(checkRoleWrite(guard, write, [huge]));
  equal(error?.code, 403);
  match(error?.message ?? '', /more than 10000 combinations/);
});
