import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestTarget, parseRequestTarget } from '@fairway/protocol';
import { accessForbidden } from './authorize.ts';
import { type Authorizer, firstAuthorizer } from './authorizer.ts';
import { privilegedGroupAuthorizer } from './privileged-group-authorizer.ts';

const user = { username: 'bob', groups: [] };

function target(method: string, url: string): RequestTarget {
  const [path = '', query = ''] = url.split('?');
  return parseRequestTarget({ method, path, query });
}

function message(method: string, url: string, reason = ''): string {
  return accessForbidden({ user, target: target(method, url) }, reason).message;
}

test('accessForbidden() words a refusal as a Kubernetes API does', () => {
  equal(
    message('GET', '/api/v1/namespaces/x/pods'),
    'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "x"',
  );
  equal(
    message('GET', '/api/v1/nodes/n1'),
    'nodes "n1" is forbidden: User "bob" cannot get resource "nodes" in API group "" at the cluster scope',
  );
  equal(
    message('GET', '/api/v1/namespaces/x/pods/p/log'),
    'pods "p" is forbidden: User "bob" cannot get resource "pods/log" in API group "" in the namespace "x"',
  );
  equal(
    message('PATCH', '/apis/apps/v1/namespaces/x/deployments/d/scale'),
    'deployments.apps "d" is forbidden: User "bob" cannot patch resource "deployments/scale" in API group "apps" in the namespace "x"',
  );
  equal(message('GET', '/'), 'forbidden: User "bob" cannot get path "/"');
  equal(
    message('GET', '/api/v1/nodes?watch=1', 'RBAC: no'),
    'nodes is forbidden: User "bob" cannot watch resource "nodes" in API group "" at the cluster scope: RBAC: no',
  );
});

test('accessForbidden() names the resource in the details', () => {
  const { status, headers } = accessForbidden(
    { user, target: target('GET', '/apis/apps/v1/namespaces/x/deployments/d') },
    '',
  );
  deepEqual(status.details, { name: 'd', group: 'apps', kind: 'deployments' });
  deepEqual([status.reason, status.code], ['Forbidden', 403]);
  deepEqual(headers, { 'x-content-type-options': 'nosniff' });
  deepEqual(accessForbidden({ user, target: target('GET', '/') }, '').status.details, {});
});

test('accessForbidden() keeps a name with a line break on one line', () => {
  const eve = { username: 'eve\n{"level":"info"}\u0000', groups: [] };
  const { message: text } = accessForbidden({ user: eve, target: target('GET', '/') }, '');
  equal(/[\n\0]/.test(text), false);
});

test('firstAuthorizer() lets the first opinion decide and joins what the others said', async () => {
  const silent: Authorizer = () => ({ kind: 'noOpinion', reason: 'a' });
  const other: Authorizer = async () => ({ kind: 'noOpinion', reason: 'b' });
  const deny: Authorizer = () => ({ kind: 'deny', reason: 'c' });
  const allow: Authorizer = () => ({ kind: 'allow', reason: '' });
  const attributes = { user, target: target('GET', '/') };
  equal((await firstAuthorizer([silent, deny, allow])(attributes)).kind, 'deny');
  equal((await firstAuthorizer([silent, allow, deny])(attributes)).kind, 'allow');
  deepEqual(await firstAuthorizer([silent, other])(attributes), {
    kind: 'noOpinion',
    reason: 'a\nb',
  });
  equal((await firstAuthorizer([])(attributes)).kind, 'noOpinion');
});

test('privilegedGroupAuthorizer() allows system:masters everything, and nobody else', async () => {
  const attributes = { target: target('DELETE', '/api/v1/nodes/n') };
  const admin = { username: 'admin', groups: ['system:masters'] };
  equal((await privilegedGroupAuthorizer({ ...attributes, user: admin })).kind, 'allow');
  equal((await privilegedGroupAuthorizer({ ...attributes, user })).kind, 'noOpinion');
});
