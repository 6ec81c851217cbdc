import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '../src/testing.ts';

test('a bootstrap token counts while its secret does', async () => {
  await using server = await startTestServer({ authentication: { hasBootstrapTokens: true } });
  const secrets = '/api/v1/namespaces/kube-system/secrets';
  const stringData = {
    'token-id': 'abcdef',
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
  };
  const metadata = { name: 'bootstrap-token-abcdef' };
  const type = 'bootstrap.kubernetes.io/token';
  const body = { apiVersion: 'v1', kind: 'Secret', metadata, type, stringData };
  await server.expect(201, 'POST', secrets, { body });
  const ask = () =>
    server.request('GET', '/api/v1/nodes', {
      handler: server.api.handler,
      headers: { authorization: 'Bearer abcdef.0123456789abcdef' },
    });
  const forbidden = await ask();
  assert.equal(forbidden.status, 403);
  assert.match(
    forbidden.json.message,
    /^nodes is forbidden: User "system:bootstrap:abcdef" cannot list/,
  );
  const review = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'abcdef.0123456789abcdef' },
  };
  const path = '/apis/authentication.k8s.io/v1/tokenreviews';
  const { json } = await server.expect(201, 'POST', path, { body: review });
  assert.equal(json['status'].user.username, 'system:bootstrap:abcdef');
  await server.expect(200, 'DELETE', `${secrets}/${metadata.name}`);
  assert.equal((await ask()).status, 401);
});
