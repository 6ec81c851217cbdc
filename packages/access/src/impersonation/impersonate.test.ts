import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, type HttpHeaders, type RequestTarget, type UserInfo } from '@fairway/protocol';
import type { AuthenticatedRequest } from '../authenticated-request.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { impersonate } from './impersonate.ts';

const admin: UserInfo = { username: 'admin', uid: 'a1', groups: ['ops'], extra: { x: ['y'] } };
const allow: Authorizer = () => ({ kind: 'allow', reason: '' });

function ask(
  headers: HttpHeaders,
  asked: Partial<AuthenticatedRequest> = {},
): AuthenticatedRequest {
  return {
    method: 'GET',
    path: '/',
    query: '',
    headers,
    body: undefined,
    signal: new AbortController().signal,
    target: { isResource: false, verb: 'get', path: '/' },
    user: admin,
    ...asked,
  };
}

function pass(headers: HttpHeaders, authorizer: Authorizer = allow): Promise<AuthenticatedRequest> {
  return impersonate(authorizer, async (seen) => seen)(ask(headers));
}

function refusal(headers: HttpHeaders, authorizer?: Authorizer): Promise<ApiError> {
  return failure(pass(headers, authorizer));
}

async function failure(passing: Promise<AuthenticatedRequest>): Promise<ApiError> {
  try {
    await passing;
  } catch (error) {
    ok(error instanceof ApiError);
    return error;
  }
  throw new Error('the request passed');
}

test('impersonate() changes nothing without its headers', async () => {
  const never: Authorizer = () => {
    throw new Error('nobody asked');
  };
  equal((await pass({ accept: '*/*' }, never)).user, admin);
});

test('impersonate() takes its headers out, also those that ask for nothing', async () => {
  const request = await pass({ accept: '*/*', 'impersonate-user': '', 'impersonate-other': 'x' });
  equal(request.user, admin);
  deepEqual(request.headers, { accept: '*/*' });
});

test('impersonate() puts the wished user in place of the caller, wholly', async () => {
  const request = await pass({
    accept: '*/*',
    'impersonate-user': 'bob',
    'impersonate-group': ['dev', 'qa'],
    'impersonate-uid': 'u7',
    'impersonate-extra-acme.com%2Fproject': ['p1', 'p2'],
  });
  deepEqual(request.user, {
    username: 'bob',
    uid: 'u7',
    groups: ['dev', 'qa', 'system:authenticated'],
    extra: { 'acme.com/project': ['p1', 'p2'] },
  });
  deepEqual(request.headers, { accept: '*/*' });
});

test('impersonate() leaves nothing of the caller behind', async () => {
  const { user } = await pass({ 'impersonate-user': 'bob' });
  deepEqual(user, { username: 'bob', groups: ['system:authenticated'] });
});

test('impersonate() gives service accounts and anonymous their groups', async () => {
  const account = await pass({ 'impersonate-user': 'system:serviceaccount:ns:sa' });
  deepEqual(account.user.groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:ns',
    'system:authenticated',
  ]);
  const nobody = await pass({ 'impersonate-user': 'system:anonymous' });
  deepEqual(nobody.user.groups, ['system:unauthenticated']);
});

test('impersonate() asks for each thing by itself', async () => {
  const asked: string[] = [];
  const spy: Authorizer = ({ user, target }) => {
    equal(user, admin);
    if (target.isResource) {
      const { verb, group, plural, subresource, namespace, name } = target;
      asked.push([verb, group, plural, subresource, namespace, name].join('|'));
    }
    return { kind: 'allow', reason: '' };
  };
  await pass(
    {
      'impersonate-user': 'system:serviceaccount:ns:sa',
      'impersonate-group': ['dev', 'qa'],
      'impersonate-uid': 'u7',
      'impersonate-extra-scopes': 'view',
    },
    spy,
  );
  deepEqual(asked, [
    'impersonate||serviceaccounts||ns|sa',
    'impersonate|authentication.k8s.io|uids|||u7',
    'impersonate||groups|||dev',
    'impersonate||groups|||qa',
    'impersonate|authentication.k8s.io|userextras|scopes||view',
  ]);
});

test('impersonate() refuses the first thing that is not allowed, in the words of the API', async () => {
  const onlyUsers: Authorizer = ({ target }) =>
    target.isResource && target.plural === 'users' && target.verb === 'impersonate'
      ? { kind: 'allow', reason: '' }
      : { kind: 'noOpinion', reason: '' };
  const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' };
  const filter = impersonate(onlyUsers, async (seen) => seen);
  const error = await failure(filter(ask(headers)));
  deepEqual(
    [error.code, error.message],
    [403, 'forbidden: User "admin" cannot impersonate-on:user-info:get path "/"'],
  );
  // Who has succeeded in one mode is told of that one.
  await filter(ask({ 'impersonate-user': 'bob' }));
  const again = await failure(filter(ask(headers)));
  deepEqual(
    [again.code, again.message],
    [
      403,
      'groups "system:masters" is forbidden: User "admin" cannot impersonate resource "groups" in API group "" at the cluster scope',
    ],
  );
});

test('impersonate() refuses groups, uid or extra without a user, and two users', async () => {
  const bad: HttpHeaders[] = [
    { 'impersonate-group': 'dev' },
    { 'impersonate-uid': 'u' },
    { 'impersonate-extra-a': 'b' },
    { 'impersonate-user': '', 'impersonate-group': 'dev' },
    { 'impersonate-user': ['bob', 'eve'] },
  ];
  for (const headers of bad) equal((await refusal(headers)).code, 400);
  equal(
    (await refusal({ 'impersonate-group': 'dev' })).message,
    'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"dev"}, Extra:map[string][]string(nil)} without impersonating a user name',
  );
});

test('impersonate() survives keys that are not percent-encoding or name a prototype', async () => {
  const { user } = await pass({
    'impersonate-user': 'bob',
    'impersonate-extra-%zz': 'a',
    'impersonate-extra-__proto__': 'b',
    'impersonate-extra-': 'c',
  });
  deepEqual(Object.entries(user.extra ?? {}), [
    ['%zz', ['a']],
    ['__proto__', ['b']],
  ]);
});

const list: RequestTarget = {
  isResource: true,
  verb: 'list',
  group: '',
  version: 'v1',
  plural: 'pods',
  subresource: '',
  namespace: 'a',
  name: '',
  rest: '',
};

/** Allows what is named `verb group/plural/name`, and notes what it was asked. */
function only(rights: readonly string[], asked: string[] = []): Authorizer {
  return ({ target }) => {
    const text = target.isResource
      ? `${target.verb} ${target.group}/${target.plural}/${target.name}`
      : `${target.verb} ${target.path}`;
    asked.push(text);
    return { kind: rights.includes(text) ? 'allow' : 'noOpinion', reason: '' };
  };
}

const agent: UserInfo = {
  username: 'system:serviceaccount:kube-system:agent',
  groups: [],
  extra: { 'authentication.kubernetes.io/node-name': ['n1'], a: ['b'] },
};

test('impersonate() in a constrained mode wants a right to the person and one to do this', async () => {
  for (const [username, rights, groups] of [
    [
      'bob',
      [
        'impersonate-on:user-info:list /pods/',
        'impersonate:user-info authentication.k8s.io/users/bob',
      ],
      ['system:authenticated'],
    ],
    [
      'system:serviceaccount:a:b',
      [
        'impersonate-on:serviceaccount:list /pods/',
        'impersonate:serviceaccount authentication.k8s.io/serviceaccounts/b',
      ],
      ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
    ],
    [
      'system:node:n2',
      [
        'impersonate-on:arbitrary-node:list /pods/',
        'impersonate:arbitrary-node authentication.k8s.io/nodes/n2',
      ],
      ['system:nodes', 'system:authenticated'],
    ],
    [
      'system:node:n1',
      [
        'impersonate-on:associated-node:list /pods/',
        'impersonate:associated-node authentication.k8s.io/nodes/*',
      ],
      ['system:nodes', 'system:authenticated'],
    ],
  ] as const) {
    const request = ask({ 'impersonate-user': username }, { user: agent, target: list });
    const as = (held: readonly string[]) => impersonate(only(held), async (seen) => seen)(request);
    deepEqual((await as(rights)).user, { username, groups });
    for (const missing of rights) {
      equal((await failure(as(rights.filter((each) => each !== missing)))).code, 403, missing);
    }
    equal(
      (await failure(as([...rights, 'x'].map((each) => each.replace('list', 'get'))))).code,
      403,
    );
  }
});

test('impersonate() gives no constrained mode what would make a caller somebody else entirely', async () => {
  const all = {
    has: (text: string) => text.startsWith('impersonate:') || text.startsWith('impersonate-on:'),
  };
  const constrained: Authorizer = ({ target }) => ({
    kind: all.has(target.verb) ? 'allow' : 'noOpinion',
    reason: '',
  });
  const deny = async (headers: HttpHeaders, user = admin): Promise<number> => {
    const filter = impersonate(constrained, async (seen) => seen);
    return (await failure(filter(ask(headers, { user, target: list })))).code;
  };
  const bob = { 'impersonate-user': 'bob' };
  equal(await deny({ ...bob, 'impersonate-group': 'system:masters' }), 403);
  equal(await deny({ ...bob, 'impersonate-group': ['dev', ''] }), 403);
  equal(await deny({ ...bob, 'impersonate-extra-scopes': 'view' }), 403);
  equal(await deny({ ...bob, 'impersonate-extra-acme.io%2Fscopes': '' }), 403);
  for (const username of ['system:node:n1', 'system:serviceaccount:a:b']) {
    equal(await deny({ 'impersonate-user': username, 'impersonate-group': 'dev' }), 403, username);
  }
});

test('impersonate() asks once about many groups whoever may take any', async () => {
  const asked: string[] = [];
  const rights = [
    'impersonate-on:user-info:list /pods/',
    'impersonate:user-info authentication.k8s.io/users/bob',
    'impersonate:user-info authentication.k8s.io/groups/*',
  ];
  const headers = { 'impersonate-user': 'bob', 'impersonate-group': ['a', 'b', 'c', 'd'] };
  const filter = impersonate(only(rights, asked), async (seen) => seen);
  deepEqual((await filter(ask(headers, { target: list }))).user.groups.slice(0, 4), [
    'a',
    'b',
    'c',
    'd',
  ]);
  deepEqual(asked, rights);
});
