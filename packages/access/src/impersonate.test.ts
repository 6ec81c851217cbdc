import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, type HttpHeaders, type UserInfo } from '@fairway/protocol';
import type { AuthenticatedRequest } from './authenticated-request.ts';
import type { Authorizer } from './authorizer.ts';
import { impersonate } from './impersonate.ts';

const admin: UserInfo = { username: 'admin', uid: 'a1', groups: ['ops'], extra: { x: ['y'] } };
const allow: Authorizer = () => ({ kind: 'allow', reason: '' });

function pass(headers: HttpHeaders, authorizer: Authorizer = allow): Promise<AuthenticatedRequest> {
  return impersonate(
    authorizer,
    async (seen) => seen,
  )({
    method: 'GET',
    path: '/',
    query: '',
    headers,
    body: undefined,
    signal: new AbortController().signal,
    target: { isResource: false, verb: 'get', path: '/' },
    user: admin,
  });
}

async function refusal(headers: HttpHeaders, authorizer?: Authorizer): Promise<ApiError> {
  try {
    await pass(headers, authorizer);
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
  await pass({ 'impersonate-user': 'bob' }, spy);
  deepEqual(asked, [
    'impersonate||serviceaccounts||ns|sa',
    'impersonate||groups|||dev',
    'impersonate||groups|||qa',
    'impersonate|authentication.k8s.io|userextras|scopes||view',
    'impersonate|authentication.k8s.io|uids|||u7',
    'impersonate||users|||bob',
  ]);
});

test('impersonate() refuses the first thing that is not allowed, in the words of the API', async () => {
  const onlyUsers: Authorizer = ({ target }) =>
    target.isResource && target.plural === 'users'
      ? { kind: 'allow', reason: '' }
      : { kind: 'noOpinion', reason: '' };
  const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' };
  const error = await refusal(headers, onlyUsers);
  deepEqual(
    [error.code, error.message],
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
    'requested group "dev" without impersonating a user',
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
