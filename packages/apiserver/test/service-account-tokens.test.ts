import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ServiceAccountKeys as Keys,
  loadServiceAccountKeys,
  serviceAccountKeys,
} from '@fairway/access';
import { type Answer, type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { MemoryFiles } from '@fairway/host/testing';

const accounts = '/api/v1/namespaces/default/serviceaccounts';
const whoAmI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

async function startWithPod(
  settings: Partial<Parameters<typeof startTestServer>[0]> = {},
): Promise<TestServer> {
  const server = await startTestServer(settings);
  await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'bot' } } });
  const spec = {
    serviceAccountName: 'bot',
    nodeName: 'n1',
    containers: [{ name: 'c', image: 'i' }],
  };
  const body = { metadata: { name: 'web' }, spec };
  await server.expect(201, 'POST', '/api/v1/namespaces/default/pods', { body });
  return server;
}

function ask(server: TestServer, spec: object): Promise<Answer> {
  return server.expect(201, 'POST', `${accounts}/bot/token`, { body: { spec } });
}

function tokenIn({ json }: Answer): string {
  return json['status'].token as string;
}

function claimsOf(answer: Answer): Claims {
  const payload = Buffer.from(tokenIn(answer).split('.')[1] ?? '', 'base64url');
  return JSON.parse(payload.toString()) as Claims;
}

interface Claims {
  readonly iat: number;
  readonly exp: number;
  readonly 'kubernetes.io': { readonly warnafter?: number; readonly node?: object };
}

async function ofWhom(server: TestServer, token: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}` };
  return server.request('POST', whoAmI, { headers, body: {}, handler: server.api.handler });
}

const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'web' };

test('a pod that asks for 3607 seconds gets a year, and is told to renew after an hour', async () => {
  await using server = await startWithPod();
  const answer = await ask(server, { expirationSeconds: 3607, boundObjectRef });
  const { iat, exp, 'kubernetes.io': claims } = claimsOf(answer);
  assert.equal(exp - iat, 365 * 24 * 3600);
  assert.equal((claims.warnafter ?? 0) - iat, 3607);
  const { expirationTimestamp } = answer.json['status'] as { expirationTimestamp: string };
  assert.equal(Date.parse(expirationTimestamp) / 1000 - iat, 3607);
  for (const spec of [
    { expirationSeconds: 3607 },
    { expirationSeconds: 3607, boundObjectRef, audiences: ['vault'] },
    { expirationSeconds: 3608, boundObjectRef },
  ]) {
    const plain = claimsOf(await ask(server, spec));
    assert.equal(plain.exp - plain.iat, spec.expirationSeconds);
    assert.equal(plain['kubernetes.io'].warnafter, undefined);
  }
});

test('a token of a pod names its node, also one that is not there', async () => {
  await using server = await startWithPod();
  const absent = await ask(server, { boundObjectRef });
  assert.deepEqual(claimsOf(absent)['kubernetes.io'].node, { name: 'n1' });
  const { json } = await ofWhom(server, tokenIn(absent));
  const { extra } = json['status'].userInfo as { extra: Record<string, readonly string[]> };
  assert.deepEqual(extra['authentication.kubernetes.io/node-name'], ['n1']);
  assert.equal(extra['authentication.kubernetes.io/node-uid'], undefined);
});

test('a server with a longest life shortens what is longer, and says so', async () => {
  const keys = await loadServiceAccountKeys(new MemoryFiles(), 'sa.key');
  const serviceAccountTokens = { keys: () => keys, lifetimeSecondsMax: 3600 };
  await using server = await startWithPod({ serviceAccountTokens });
  const answer = await ask(server, { expirationSeconds: 7200 });
  assert.equal(answer.json['spec'].expirationSeconds, 3600);
  const { iat, exp } = claimsOf(answer);
  assert.equal(exp - iat, 3600);
  assert.match(
    String(answer.headers['warning']),
    /requested expiration of 7200 seconds shortened to 3600 seconds/,
  );
});

test('a deleted account shuts the door at once, and so does one of the same name', async () => {
  await using server = await startWithPod();
  const token = tokenIn(await ask(server, {}));
  assert.equal((await ofWhom(server, token)).status, 201);
  const watch = await server.watch(`${accounts}?watch=true&fieldSelector=metadata.name%3Dbot`);
  await watch.next();
  await server.expect(200, 'DELETE', `${accounts}/bot`);
  // Whoever has seen the event finds the door shut.
  assert.equal((await watch.next())?.type, 'DELETED');
  assert.equal((await ofWhom(server, token)).status, 401);
  await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'bot' } } });
  assert.equal((await ofWhom(server, token)).status, 401);
  await watch.leave();
});

test('keys change without a pause, and the tokens of one that is removed end', async () => {
  const { signing: old } = await loadServiceAccountKeys(new MemoryFiles(), 'old.key');
  const { signing: fresh } = await loadServiceAccountKeys(new MemoryFiles(), 'fresh.key');
  let keys = serviceAccountKeys(old);
  await using server = await startWithPod({ serviceAccountTokens: { keys: () => keys } });
  const published = async (): Promise<readonly string[]> => {
    const { json } = await server.expect(200, 'GET', '/openid/v1/jwks');
    return (json['keys'] as readonly { kid: string }[]).map(({ kid }) => kid);
  };
  const before = tokenIn(await ask(server, {}));
  keys = serviceAccountKeys(fresh, [old]);
  const after = tokenIn(await ask(server, {}));
  assert.deepEqual(await published(), [fresh.keyId, old.keyId]);
  for (const token of [before, after]) assert.equal((await ofWhom(server, token)).status, 201);
  keys = serviceAccountKeys(fresh);
  assert.deepEqual(await published(), [fresh.keyId]);
  assert.equal((await ofWhom(server, before)).status, 401);
  assert.equal((await ofWhom(server, after)).status, 201);
});

test('tokens of former issuers are accepted, and only an address is published', async () => {
  const { signing } = await loadServiceAccountKeys(new MemoryFiles(), 'sa.key');
  const keys = (): Keys => serviceAccountKeys(signing);
  const audiences = ['api'];
  await using former = await startWithPod({
    serviceAccountTokens: { keys, issuers: ['old'], audiences },
  });
  await former.expect(404, 'GET', '/openid/v1/jwks');
  await former.expect(404, 'GET', '/.well-known/openid-configuration');
  const token = tokenIn(await ask(former, {}));
  await using server = await startTestServer({
    serviceAccountTokens: {
      keys,
      issuers: ['https://new.example', 'old'],
      audiences,
      jwksUri: 'https://keys.example/jwks',
    },
  });
  const { json } = await server.expect(200, 'GET', '/.well-known/openid-configuration');
  assert.deepEqual(
    [json['issuer'], json['jwks_uri']],
    ['https://new.example', 'https://keys.example/jwks'],
  );
  const review = { spec: { token } };
  const reviews = '/apis/authentication.k8s.io/v1/tokenreviews';
  const { error } = (await server.expect(201, 'POST', reviews, { body: review })).json['status'];
  // The issuer is known; the account of the other server is not.
  assert.equal(error, '[invalid bearer token, serviceaccounts "bot" not found]');
});
