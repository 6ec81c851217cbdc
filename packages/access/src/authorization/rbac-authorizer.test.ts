import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type UserInfo, parseRequestTarget } from '@fairway/protocol';
import { coversPath } from './policy-rule.ts';
import { type RbacAuthorizer, rbacAuthorizer } from './rbac-authorizer.ts';
import { indexPolicy } from './rbac-index.ts';
import type { PolicyRule, RbacPolicy, RoleBinding, Subject } from './rbac-policy.ts';

const bob: UserInfo = { username: 'bob', groups: ['dev', 'system:authenticated'] };
const bobSubject: Subject = { kind: 'User', name: 'bob' };

const nothing: RbacPolicy = {
  clusterRoles: [],
  clusterRoleBindings: [],
  roles: [],
  roleBindings: [],
};

function bind(role: string, subjects: readonly Subject[], namespace?: string): RoleBinding {
  const metadata = { name: `${role}-binding`, ...(namespace === undefined ? {} : { namespace }) };
  return { metadata, subjects, roleRef: { kind: 'ClusterRole', name: role } };
}

/** An authorizer that knows one ClusterRole, bound to bob everywhere. */
function having(...rules: PolicyRule[]): RbacAuthorizer {
  const policy: RbacPolicy = {
    ...nothing,
    clusterRoles: [{ metadata: { name: 'some' }, rules }],
    clusterRoleBindings: [bind('some', [bobSubject])],
  };
  return rbacAuthorizer(() => indexPolicy(policy));
}

function asks(rbac: RbacAuthorizer, line: string, user: UserInfo = bob): string {
  const [method = '', url = ''] = line.split(' ');
  const [path = '', query = ''] = url.split('?');
  return rbac.authorize({ user, target: parseRequestTarget({ method, path, query }) }).kind;
}

test('rbacAuthorizer() allows what a rule names, and nothing beside it', () => {
  const rbac = having({
    apiGroups: ['', 'apps'],
    resources: ['pods', 'deployments'],
    verbs: ['get', 'list'],
  });
  const lines = {
    'GET /api/v1/namespaces/x/pods': 'allow',
    'GET /api/v1/namespaces/x/pods/p': 'allow',
    'GET /apis/apps/v1/deployments': 'allow',
    'GET /api/v1/namespaces/x/pods?watch=true': 'noOpinion',
    'POST /api/v1/namespaces/x/pods': 'noOpinion',
    'DELETE /api/v1/namespaces/x/pods': 'noOpinion',
    'GET /api/v1/namespaces/x/pods/p/log': 'noOpinion',
    'GET /apis/batch/v1/namespaces/x/pods': 'noOpinion',
    'GET /api/v1/namespaces/x/secrets': 'noOpinion',
    'GET /api': 'noOpinion',
  };
  for (const [line, kind] of Object.entries(lines)) equal(asks(rbac, line), kind, line);
  equal(asks(rbac, 'GET /api/v1/pods', { username: 'eve', groups: [] }), 'noOpinion');
});

test('rbacAuthorizer() reads wildcards and subresources', () => {
  const all = having({ apiGroups: ['*'], resources: ['*'], verbs: ['*'] });
  equal(asks(all, 'PUT /api/v1/namespaces/x/pods/p/status'), 'allow');
  equal(asks(all, 'GET /healthz'), 'noOpinion');
  const log = having({ apiGroups: [''], resources: ['pods/log'], verbs: ['get'] });
  equal(asks(log, 'GET /api/v1/namespaces/x/pods/p/log'), 'allow');
  equal(asks(log, 'GET /api/v1/namespaces/x/pods/p'), 'noOpinion');
  const scale = having({ apiGroups: ['*'], resources: ['*/scale'], verbs: ['update'] });
  equal(asks(scale, 'PUT /apis/apps/v1/namespaces/x/deployments/d/scale'), 'allow');
  equal(asks(scale, 'PUT /apis/apps/v1/namespaces/x/deployments/d'), 'noOpinion');
  equal(asks(scale, 'PUT /apis/apps/v1/namespaces/x/deployments/d/status'), 'noOpinion');
  // `pods/*` is not a pattern that RBAC knows.
  const odd = having({ apiGroups: [''], resources: ['pods/*'], verbs: ['get'] });
  equal(asks(odd, 'GET /api/v1/namespaces/x/pods/p/log'), 'noOpinion');
});

test('rbacAuthorizer() holds resource names against the name, never against a collection', () => {
  const rbac = having({
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['a', 'b'],
    verbs: ['get', 'list', 'create', 'deletecollection'],
  });
  equal(asks(rbac, 'GET /api/v1/namespaces/x/configmaps/b'), 'allow');
  equal(asks(rbac, 'GET /api/v1/namespaces/x/configmaps/c'), 'noOpinion');
  equal(asks(rbac, 'GET /api/v1/namespaces/x/configmaps'), 'noOpinion');
  equal(asks(rbac, 'GET /api/v1/namespaces/x/configmaps?fieldSelector=metadata.name%3Da'), 'allow');
  equal(asks(rbac, 'POST /api/v1/namespaces/x/configmaps'), 'noOpinion');
  equal(asks(rbac, 'DELETE /api/v1/namespaces/x/configmaps'), 'noOpinion');
});

test('rbacAuthorizer() reads paths that end in a star as prefixes', () => {
  const rbac = having({ nonResourceURLs: ['/healthz', '/logs/*', '/openapi*'], verbs: ['get'] });
  const lines = {
    'GET /healthz': 'allow',
    'GET /healthz/ping': 'noOpinion',
    'GET /logs/a/b': 'allow',
    'GET /logs': 'noOpinion',
    'GET /openapi/v3': 'allow',
    'POST /healthz': 'noOpinion',
    'GET /': 'noOpinion',
  };
  for (const [line, kind] of Object.entries(lines)) equal(asks(rbac, line), kind, line);
  equal(asks(having({ nonResourceURLs: ['*'], verbs: ['*'] }), 'PUT /any'), 'allow');
});

test('rbacAuthorizer() knows users, groups and service accounts apart', () => {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }];
  const policy: RbacPolicy = {
    ...nothing,
    clusterRoles: [{ metadata: { name: 'r' }, rules }],
    clusterRoleBindings: [
      bind('r', [
        { kind: 'Group', name: 'dev' },
        { kind: 'User', name: 'root' },
        { kind: 'ServiceAccount', name: 'sa', namespace: 'ci' },
        { kind: 'ServiceAccount', name: 'lost' },
        { kind: 'Robot', name: 'r2' },
      ]),
    ],
  };
  const rbac = rbacAuthorizer(() => indexPolicy(policy));
  const kinds = (username: string, ...groups: string[]): string =>
    asks(rbac, 'GET /api/v1/pods', { username, groups });
  equal(kinds('x', 'dev'), 'allow');
  equal(kinds('dev'), 'noOpinion');
  equal(kinds('x', 'root'), 'noOpinion');
  equal(kinds('system:serviceaccount:ci:sa'), 'allow');
  equal(kinds('system:serviceaccount:other:sa'), 'noOpinion');
  equal(kinds('system:serviceaccount::lost'), 'noOpinion');
  equal(kinds('r2'), 'noOpinion');
});

test('rbacAuthorizer() keeps a RoleBinding within its namespace', () => {
  const policy: RbacPolicy = {
    clusterRoles: [
      {
        metadata: { name: 'view' },
        rules: [{ apiGroups: [''], resources: ['*'], verbs: ['get'] }],
      },
    ],
    clusterRoleBindings: [],
    roles: [
      {
        metadata: { name: 'view', namespace: 'x' },
        rules: [
          { apiGroups: [''], resources: ['pods'], verbs: ['create'] },
          { nonResourceURLs: ['*'], verbs: ['*'] },
        ],
      },
    ],
    roleBindings: [
      bind('view', [bobSubject], 'x'),
      {
        metadata: { name: 'r', namespace: 'x' },
        subjects: [bobSubject, { kind: 'ServiceAccount', name: 'sa' }],
        roleRef: { kind: 'Role', name: 'view' },
      },
    ],
  };
  const rbac = rbacAuthorizer(() => indexPolicy(policy));
  equal(asks(rbac, 'GET /api/v1/namespaces/x/pods/p'), 'allow');
  equal(asks(rbac, 'GET /api/v1/namespaces/y/pods/p'), 'noOpinion');
  equal(asks(rbac, 'GET /api/v1/nodes/n'), 'noOpinion');
  equal(asks(rbac, 'POST /api/v1/namespaces/x/pods'), 'allow');
  equal(asks(rbac, 'GET /healthz'), 'noOpinion');
  const account = { username: 'system:serviceaccount:x:sa', groups: [] };
  equal(asks(rbac, 'POST /api/v1/namespaces/x/pods', account), 'allow');
});

test('rbacAuthorizer() says by what it allows, and which role it misses', () => {
  const policy: RbacPolicy = {
    ...nothing,
    clusterRoleBindings: [
      bind('gone', [bobSubject]),
      bind('gone', [{ kind: 'Group', name: 'dev' }]),
    ],
    roleBindings: [
      {
        metadata: { name: 'rb', namespace: 'x' },
        subjects: [bobSubject],
        roleRef: { kind: 'Role', name: 'lost' },
      },
    ],
  };
  const target = parseRequestTarget({
    method: 'GET',
    path: '/api/v1/namespaces/x/pods',
    query: '',
  });
  equal(
    rbacAuthorizer(() => indexPolicy(policy)).authorize({ user: bob, target }).reason,
    'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, role.rbac.authorization.k8s.io "lost" not found]',
  );
  const allowed = having({ apiGroups: ['*'], resources: ['*'], verbs: ['*'] });
  equal(
    allowed.authorize({ user: bob, target }).reason,
    'RBAC: allowed by ClusterRoleBinding "some-binding" of ClusterRole "some" to User "bob"',
  );
});

test('rbacAuthorizer() follows its source from one request to the next', () => {
  let policy = nothing;
  const rbac = rbacAuthorizer(() => indexPolicy(policy));
  const clusterRoles = [
    { metadata: { name: 'r' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] },
  ];
  equal(asks(rbac, 'GET /api/v1/pods'), 'noOpinion');
  policy = { ...policy, clusterRoleBindings: [bind('r', [bobSubject])] };
  equal(asks(rbac, 'GET /api/v1/pods'), 'noOpinion');
  policy = { ...policy, clusterRoles };
  equal(asks(rbac, 'GET /api/v1/pods'), 'allow');
  policy = { ...policy, clusterRoleBindings: [] };
  equal(asks(rbac, 'GET /api/v1/pods'), 'noOpinion');
});

test('rulesFor() lists the rules of a namespace and of the cluster', () => {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }];
  const local = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }];
  const policy: RbacPolicy = {
    ...nothing,
    clusterRoles: [
      { metadata: { name: 'r' }, rules },
      { metadata: { name: 'l' }, rules: local },
    ],
    clusterRoleBindings: [bind('r', [bobSubject]), bind('gone', [bobSubject])],
    roleBindings: [bind('l', [bobSubject], 'x')],
  };
  const rbac = rbacAuthorizer(() => indexPolicy(policy));
  const errors = ['clusterrole.rbac.authorization.k8s.io "gone" not found'];
  deepEqual(rbac.rulesFor(bob, 'x'), { rules: [...rules, ...local], errors });
  deepEqual(rbac.rulesFor(bob, ''), { rules, errors });
  deepEqual(rbac.rulesFor({ username: 'eve', groups: [] }, 'x'), { rules: [], errors: [] });
});

test('coversPath() takes its time from the path, not from the stars of a pattern', () => {
  const stars = '*'.repeat(400_000);
  equal(coversPath([`${stars}a*`], '/metrics'), false);
  equal(coversPath([`/metrics${stars}`], '/metrics/cadvisor'), true);
});
