import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatResourcePath } from './resource-path.ts';

const pods = { group: '', version: 'v1', plural: 'pods', isNamespaced: true };
const deployments = { group: 'apps', version: 'v1', plural: 'deployments', isNamespaced: true };
const roles = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterroles',
  isNamespaced: false,
};
const namespaces = { group: '', version: 'v1', plural: 'namespaces', isNamespaced: false };

test('formatResourcePath() writes every kind of address', () => {
  assert.equal(formatResourcePath(pods), '/api/v1/pods');
  assert.equal(
    formatResourcePath(deployments, { namespace: 'a', name: 'd', subresource: 'scale' }),
    '/apis/apps/v1/namespaces/a/deployments/d/scale',
  );
  assert.equal(
    formatResourcePath(roles, { name: 'system:a b' }),
    '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:a%20b',
  );
  assert.equal(
    formatResourcePath(namespaces, { namespace: 'a', name: 'a' }),
    '/api/v1/namespaces/a',
  );
  assert.equal(
    formatResourcePath(pods, {
      namespace: 'a',
      name: 'p',
      subresource: 'proxy',
      rest: '/x',
      pathPrefix: '/k8s/clusters/c-1/',
    }),
    '/k8s/clusters/c-1/api/v1/namespaces/a/pods/p/proxy/x',
  );
});

test('formatResourcePath() refuses names that lead elsewhere', () => {
  for (const name of ['', '.', '..', 'a/b', 'a%2fb', '\ud800']) {
    assert.throws(() => formatResourcePath(pods, { namespace: 'a', name }), { code: 400 }, name);
    assert.throws(() => formatResourcePath(pods, { namespace: name }), { code: 400 }, name);
  }
  assert.throws(() => formatResourcePath(pods, { name: 'p' }), /a namespace is required/);
  assert.throws(() => formatResourcePath(roles, { namespace: 'a' }), /cluster-scoped/);
  assert.throws(() => formatResourcePath(pods, { subresource: 'log' }), /a name is required/);
});
