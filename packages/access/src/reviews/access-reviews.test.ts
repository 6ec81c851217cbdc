import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, type UserInfo } from '@fairway/protocol';
import {
  reviewLocalSubjectAccess,
  reviewSelfSubjectAccess,
  reviewSelfSubjectRules,
  reviewSubjectAccess,
} from './access-reviews.ts';
import {
  type AccessAttributes,
  type Authorizer,
  firstAuthorizer,
} from '../authorization/authorizer.ts';
import { privilegedGroupAuthorizer } from '../authorization/privileged-group-authorizer.ts';
import { rbacAuthorizer } from '../authorization/rbac-authorizer.ts';
import { indexPolicy } from '../authorization/rbac-index.ts';

const admin: UserInfo = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };
const bob: UserInfo = { username: 'bob', groups: [] };
const rbac = rbacAuthorizer(() => indexPolicy(policy));
const policy = {
  clusterRoles: [
    {
      metadata: { name: 'r' },
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
        { nonResourceURLs: ['/healthz'], verbs: ['get'] },
      ],
    },
  ],
  clusterRoleBindings: [
    {
      metadata: { name: 'b' },
      subjects: [{ kind: 'User', name: 'bob' }],
      roleRef: { kind: 'ClusterRole', name: 'r' },
    },
    {
      metadata: { name: 'c' },
      subjects: [{ kind: 'User', name: 'bob' }],
      roleRef: { kind: 'ClusterRole', name: 'gone' },
    },
  ],
  roles: [],
  roleBindings: [],
};
const authorizer = firstAuthorizer([privilegedGroupAuthorizer, rbac.authorize]);
const question = { resourceAttributes: { verb: 'get', resource: 'pods' } };

async function refusal(attempt: () => unknown): Promise<ApiError> {
  try {
    await attempt();
  } catch (error) {
    ok(error instanceof ApiError);
    return error;
  }
  throw new Error('the review was answered');
}

test('reviewSelfSubjectAccess() answers the caller', async () => {
  deepEqual(await reviewSelfSubjectAccess({ spec: question }, admin, authorizer), {
    allowed: true,
  });
  const list = { resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'x' } };
  deepEqual(await reviewSelfSubjectAccess({ spec: list }, bob, authorizer), {
    allowed: true,
    reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "bob"',
  });
  deepEqual(await reviewSelfSubjectAccess({ spec: question }, bob, authorizer), {
    allowed: false,
    reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
  });
  const path = { nonResourceAttributes: { verb: 'get', path: '/healthz' } };
  equal((await reviewSelfSubjectAccess({ spec: path }, bob, authorizer)).allowed, true);
});

test('reviewSelfSubjectAccess() tells a denial from no opinion', async () => {
  const deny: Authorizer = () => ({ kind: 'deny', reason: 'no' });
  deepEqual(await reviewSelfSubjectAccess({ spec: question }, bob, deny), {
    allowed: false,
    denied: true,
    reason: 'no',
  });
});

test('reviewSubjectAccess() asks about the subject as it is given', async () => {
  const seen: AccessAttributes[] = [];
  const spy: Authorizer = (attributes) => {
    seen.push(attributes);
    return { kind: 'noOpinion', reason: '' };
  };
  const subject = { user: 'eve', uid: 'u', groups: ['g'], extra: { k: ['v'] } };
  await reviewSubjectAccess({ spec: { ...question, ...subject } }, spy);
  await reviewSubjectAccess({ spec: { ...question, groups: ['g'] } }, spy);
  deepEqual(
    seen.map(({ user }) => user),
    [
      { username: 'eve', uid: 'u', groups: ['g'], extra: { k: ['v'] } },
      { username: '', groups: ['g'] },
    ],
  );
  equal(seen[0]?.target.isResource === true && seen[0].target.version, '*');
});

test('the access reviews refuse what is not one question about somebody', async () => {
  const both = { ...question, nonResourceAttributes: { path: '/', verb: 'get' } };
  const texts = await Promise.all(
    [
      () => reviewSelfSubjectAccess({ spec: {} }, bob, authorizer),
      () => reviewSelfSubjectAccess({ spec: both }, bob, authorizer),
      () => reviewSelfSubjectAccess({ metadata: { name: 'a' }, spec: question }, bob, authorizer),
      () => reviewSubjectAccess({ spec: question }, authorizer),
    ].map(async (attempt) => {
      const error = await refusal(attempt);
      equal(error.code, 422);
      return error.message;
    }),
  );
  deepEqual(texts, [
    '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    '.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":"get"}: cannot be specified in combination with resourceAttributes',
    '.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"a"}: must be empty',
    '.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
  ]);
});

test('reviewLocalSubjectAccess() stays within its namespace', async () => {
  const spec = (namespace: string): object => ({
    user: 'bob',
    resourceAttributes: { verb: 'list', resource: 'pods', namespace },
  });
  const metadata = { namespace: 'x' };
  const good = await reviewLocalSubjectAccess({ metadata, spec: spec('x') }, 'x', authorizer);
  equal(good.allowed, true);
  const other = await refusal(() =>
    reviewLocalSubjectAccess({ metadata, spec: spec('y') }, 'x', authorizer),
  );
  equal(other.code, 422);
  const elsewhere = await refusal(() =>
    reviewLocalSubjectAccess({ metadata: { namespace: 'y' }, spec: spec('y') }, 'x', authorizer),
  );
  equal(elsewhere.code, 400);
  const path = { user: 'bob', nonResourceAttributes: { verb: 'get', path: '/healthz' } };
  equal(
    (await refusal(() => reviewLocalSubjectAccess({ metadata, spec: path }, 'x', authorizer))).code,
    422,
  );
});

test('reviewSelfSubjectRules() lists both sorts of rules and what could not be found', async () => {
  deepEqual(reviewSelfSubjectRules({ spec: { namespace: 'x' } }, bob, rbac.rulesFor), {
    resourceRules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
    nonResourceRules: [{ nonResourceURLs: ['/healthz'], verbs: ['get'] }],
    incomplete: false,
    evaluationError: 'clusterrole.rbac.authorization.k8s.io "gone" not found',
  });
  const error = await refusal(() => reviewSelfSubjectRules({ spec: {} }, bob, rbac.rulesFor));
  deepEqual([error.code, error.message], [400, 'no namespace on request']);
});

test('reviewSubjectAccess() asks about what selectors leave, and says what of them it passed over', async () => {
  const asked: AccessAttributes[] = [];
  const spy: Authorizer = (attributes) => {
    asked.push(attributes);
    return { kind: 'noOpinion', reason: '' };
  };
  const review = async (selectors: object) => {
    const resourceAttributes = { verb: 'list', resource: 'pods', ...selectors };
    const { evaluationError } = await reviewSubjectAccess(
      { spec: { user: 'bob', resourceAttributes } },
      spy,
    );
    const target = asked.pop()?.target;
    ok(target?.isResource === true);
    const { fieldSelector, labelSelector } = target;
    return { fieldSelector, labelSelector, evaluationError };
  };
  const place = 'spec.resourceAttributes';
  deepEqual(
    await review({
      fieldSelector: {
        requirements: [
          { key: 'a', operator: 'In', values: ['1'] },
          { key: 'b', operator: 'NotIn', values: ['2'] },
          { key: 'c', operator: 'In', values: ['3', '4'] },
          { key: 'd', operator: 'Exists' },
        ],
      },
      labelSelector: {
        requirements: [
          { key: 'a', operator: 'In', values: ['2', '1'] },
          { key: 'b', operator: 'DoesNotExist' },
        ],
      },
    }),
    {
      fieldSelector: [
        { field: 'a', isEqual: true, value: '1' },
        { field: 'b', isEqual: false, value: '2' },
      ],
      labelSelector: [
        { key: 'a', operator: 'in', values: ['1', '2'] },
        { key: 'b', operator: 'absent', values: [] },
      ],
      evaluationError: `${place}.fieldSelector partially ignored due to parse error`,
    },
  );
  deepEqual(
    await review({ fieldSelector: { rawSelector: 'a=b' }, labelSelector: { rawSelector: '=' } }),
    {
      fieldSelector: [{ field: 'a', isEqual: true, value: 'b' }],
      labelSelector: undefined,
      evaluationError: `${place}.labelSelector ignored due to parse error`,
    },
  );
});

test('reviewSubjectAccess() refuses selectors that say nothing or are malformed', async () => {
  const problems = async (selectors: object) => {
    const resourceAttributes = { verb: 'list', resource: 'pods', ...selectors };
    const error = await refusal(() =>
      reviewSubjectAccess({ spec: { user: 'bob', resourceAttributes } }, authorizer),
    );
    return error.status.details?.causes?.map(({ field, message }) => `${field}: ${message}`);
  };
  const place = 'spec.resourceAttributes';
  deepEqual(await problems({ fieldSelector: {} }), [
    `${place}.fieldSelector.requirements: Required value: when ${place}.fieldSelector is specified, requirements or rawSelector is required`,
  ]);
  const requirements = [{ operator: 'In' }, { key: 'k', operator: 'Exists', values: ['v'] }];
  deepEqual(await problems({ fieldSelector: { requirements } }), [
    `${place}.fieldSelector.requirements[0].key: Required value: must be specified`,
    `${place}.fieldSelector.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
    `${place}.fieldSelector.requirements[1].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
  ]);
  const label = { key: 'k', operator: 'In', values: ['-'] };
  const [invalid] = (await problems({ labelSelector: { requirements: [label] } })) ?? [];
  ok(invalid?.startsWith(`${place}.labelSelector.requirements[0].values[0]: Invalid value: "-": `));
});

test('an authorizer that could not decide is told of, and others decide', async () => {
  const broken: Authorizer = () => ({
    kind: 'noOpinion',
    reason: '',
    evaluationError: 'the webhook is away',
  });
  const ask = (verb: string) =>
    reviewSelfSubjectAccess(
      { spec: { resourceAttributes: { verb, resource: 'pods' } } },
      bob,
      firstAuthorizer([broken, rbac.authorize]),
    );
  const denied = await ask('delete');
  deepEqual([denied.allowed, denied.evaluationError], [false, 'the webhook is away']);
  deepEqual((await ask('list')).allowed, true);
});
