import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from '@fairway/host';
import { ManualClock } from '@fairway/host/testing';
import { fakeMachine } from '../../test/fake-machine.ts';
import { findCluster } from '../target/find-cluster.ts';
import {
  type FetchJson,
  type FetchJsonRequest,
  type FetchJsonResponse,
  oidcCredentials,
} from './oidc-auth-provider.ts';

const issuer = 'https://issuer.example/realm';
const config = {
  'idp-issuer-url': issuer,
  'client-id': 'kube',
  'client-secret': new Secret('c-s3cret'),
  'refresh-token': new Secret('r-s3cret'),
};

function idToken(clock: ManualClock, lifeMs: number, mark = ''): string {
  const claims = JSON.stringify({ exp: (clock.now() + lifeMs) / 1000, mark });
  return `h.${Buffer.from(claims).toString('base64url')}.s3cret`;
}

/** An issuer that answers the token endpoint with `answers`, one after the other. */
function fakeIssuer(...answers: FetchJsonResponse[]): {
  fetchJson: FetchJson;
  posts: FetchJsonRequest[];
} {
  const posts: FetchJsonRequest[] = [];
  return {
    posts,
    async fetchJson(request) {
      if (request.method === 'GET') {
        assert.equal(request.url, `${issuer}/.well-known/openid-configuration`);
        return { status: 200, body: { token_endpoint: `${issuer}/token` } };
      }
      posts.push(request);
      return (
        answers[Math.min(posts.length, answers.length) - 1] ?? { status: 500, body: undefined }
      );
    },
  };
}

test('oidcCredentials() uses the id-token until ten seconds before it expires', async () => {
  const clock = new ManualClock();
  const token = idToken(clock, 60_000);
  const next = idToken(clock, 120_000, 'next');
  const { fetchJson, posts } = fakeIssuer({
    status: 200,
    body: { id_token: next, refresh_token: 'r2-s3cret' },
  });
  const persisted: unknown[] = [];
  const credentials = oidcCredentials(
    { clock, fetchJson },
    {
      config: { ...config, 'id-token': new Secret(token) },
      persist: async (tokens) => {
        persisted.push([tokens.idToken.reveal(), tokens.refreshToken?.reveal()]);
      },
    },
  );
  assert.equal((await credentials.current()).authorization?.reveal(), `Bearer ${token}`);
  await clock.advance(49_999);
  assert.equal((await credentials.current()).authorization?.reveal(), `Bearer ${token}`);
  assert.equal(posts.length, 0);
  await clock.advance(1);
  assert.equal((await credentials.current()).authorization?.reveal(), `Bearer ${next}`);
  assert.deepEqual(persisted, [[next, 'r2-s3cret']]);
  assert.equal(posts[0]?.body, 'grant_type=refresh_token&refresh_token=r-s3cret');
  const basic = Buffer.from('kube:c-s3cret').toString('base64');
  assert.equal(posts[0]?.headers['authorization'], `Basic ${basic}`);
});

test('oidcCredentials() sends the client secret in the body where the header is refused', async () => {
  const clock = new ManualClock();
  const { fetchJson, posts } = fakeIssuer(
    { status: 401, body: {} },
    { status: 200, body: { id_token: idToken(clock, 60_000) } },
  );
  await oidcCredentials({ clock, fetchJson }, { config, persist: async () => {} }).current();
  assert.equal(posts[1]?.headers['authorization'], undefined);
  assert.match(posts[1]?.body ?? '', /client_id=kube&client_secret=c-s3cret/);
});

test('oidcCredentials() does not use a token that could not be persisted', async () => {
  const clock = new ManualClock();
  const { fetchJson } = fakeIssuer({ status: 200, body: { id_token: idToken(clock, 60_000) } });
  const persist = async (): Promise<void> => Promise.reject(new Error('disk full'));
  const credentials = oidcCredentials({ clock, fetchJson }, { config, persist });
  await assert.rejects(credentials.current(), /disk full/);
});

test('oidcCredentials() renews a token that the server refused before its time', async () => {
  const clock = new ManualClock();
  const next = idToken(clock, 60_000, 'next');
  const { fetchJson } = fakeIssuer({ status: 200, body: { id_token: next } });
  const credentials = oidcCredentials(
    { clock, fetchJson },
    {
      config: { ...config, 'id-token': new Secret(idToken(clock, 60_000)) },
      persist: async () => {},
    },
  );
  credentials.invalidate(await credentials.current());
  assert.equal((await credentials.current()).authorization?.reveal(), `Bearer ${next}`);
});

test('oidcCredentials() says what went wrong without showing a token', async () => {
  const clock = new ManualClock();
  const cases: [FetchJson | undefined, typeof config | object, RegExp][] = [
    [fakeIssuer({ status: 200, body: {} }).fetchJson, config, /its answer has no id_token/],
    [
      fakeIssuer({ status: 400, body: { error: 's3cret' } }).fetchJson,
      config,
      /answered 400; log in/,
    ],
    [
      async () => ({ status: 200, body: 's3cret' }),
      config,
      /answered 200 without a token_endpoint/,
    ],
    [async () => Promise.reject(new Error('refused')), config, /cannot reach .*: refused/],
    [undefined, config, /no way to reach it was given/],
    [undefined, { ...config, 'refresh-token': '' }, /cannot refresh without refresh-token; log in/],
  ];
  for (const [fetchJson, given, expected] of cases) {
    const options = { config: given as typeof config, persist: async () => {} };
    await assert.rejects(oidcCredentials({ clock, fetchJson }, options).current(), (error) => {
      assert.match(inspect(error), expected);
      assert.doesNotMatch(inspect(error), /s3cret/);
      return true;
    });
  }
});

test('findCluster() writes renewed tokens to the kubeconfig that the user comes from', async () => {
  const path = '/home/a/.kube/config';
  const kubeconfig = `# mine
current-context: a
clusters: [{name: a, cluster: {server: https://a}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users:
- name: a
  user:
    auth-provider:
      name: oidc
      config:
        client-id: kube # keep me
        idp-issuer-url: ${issuer}
        refresh-token: r1
`;
  const machine = fakeMachine({ files: { [path]: kubeconfig } });
  const next = idToken(machine.clock, 60_000);
  const { fetchJson } = fakeIssuer({ status: 200, body: { id_token: next, refresh_token: 'r2' } });
  const target = await findCluster(machine, { fetchJson });
  await target.credentials.current();
  const expected = kubeconfig.replace(
    'refresh-token: r1\n',
    `refresh-token: r2\n        id-token: ${next}\n`,
  );
  assert.equal(machine.files.text(path), expected);
});
