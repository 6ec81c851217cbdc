import { deepEqual, equal, match } from 'node:assert/strict';
import { type KeyObject, createHmac, generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import type { HttpResponse } from '@fairway/protocol';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { listenForTest, sendHttp1 } from '@fairway/serving/testing';
import { SignJWT } from 'jose';
import { readAuthenticationConfiguration } from './authentication-configuration.ts';
import { OpenIdAuthenticator } from './open-id-authenticator.ts';
import type { DialIssuer } from './issuer-keys.ts';

const certificates = await makeTestCertificates();
const clock = new ManualClock();

interface SigningKey {
  readonly keyId: string;
  readonly algorithm: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

function makeKey(keyId: string, kind: 'rsa' | 'ec' = 'ec'): SigningKey {
  const pair =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { keyId, algorithm: kind === 'rsa' ? 'RS256' : 'ES256', ...pair };
}

const keys = { one: makeKey('one'), two: makeKey('two'), rsa: makeKey('rsa', 'rsa') };

/** An issuer on a socket of its own. */
async function openIssuer(published: readonly SigningKey[] = [keys.one, keys.rsa]) {
  const state = { published, isBroken: false, asked: [] as string[], named: '' };
  const json = (value: object): HttpResponse => ({
    status: state.isBroken ? 503 : 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(value)),
  });
  const listener = await listenForTest(
    async ({ path }) => {
      state.asked.push(path);
      const issuer = state.named || url;
      if (path !== '/keys') return json({ issuer, jwks_uri: `${listener.url}/keys` });
      const jwks = state.published.map(({ publicKey, keyId }) => {
        return { ...publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig' };
      });
      // What is for others, and what is damaged, keeps no key from being used.
      return json({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }, { kty: 'RSA', n: '!' }, 7, ...jwks] });
    },
    { tls: certificates.tls },
  );
  const url = `${listener.url}/realm`;
  return Object.assign(state, { url, [Symbol.asyncDispose]: () => listener.close() });
}

type Issuer = Awaited<ReturnType<typeof openIssuer>>;

const dial: DialIssuer =
  ({ host, port, certificateAuthority = '' }) =>
  async ({ path }) => {
    const url = `https://${host}:${port}${path}`;
    const { status, text } = await sendHttp1(url, { ca: certificateAuthority });
    return { status, headers: {}, body: Buffer.from(text) };
  };

const username = { claim: 'sub', prefix: 'oidc:' };

function jwtOf({ url }: Issuer, more: object = {}): object {
  return {
    issuer: {
      url,
      audiences: ['fairway'],
      certificateAuthority: certificates.authority.certificate,
    },
    claimMappings: { username },
    ...more,
  };
}

function read(...jwt: readonly object[]) {
  const head = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration' };
  return readAuthenticationConfiguration({ ...head, jwt }, []).issuers;
}

function open(...jwt: readonly object[]): OpenIdAuthenticator {
  return new OpenIdAuthenticator(read(...jwt), { dial, clock });
}

function nowSeconds(): number {
  return Math.floor(clock.now() / 1000);
}

function sign(
  { url }: { readonly url: string },
  claims: Readonly<Record<string, unknown>> = {},
  { keyId, algorithm, privateKey }: SigningKey = keys.one,
): Promise<string> {
  const all = { iss: url, aud: 'fairway', sub: 'ann', exp: nowSeconds() + 60, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: algorithm, kid: keyId }).sign(privateKey);
}

async function outcomeOf(authenticator: OpenIdAuthenticator, token: string): Promise<unknown> {
  const outcome = await authenticator.authenticate(token, []);
  if (outcome.kind === 'authenticated') return outcome.user;
  return outcome.kind === 'rejected' ? outcome.why : outcome.kind;
}

const ann = { username: 'oidc:ann', groups: [] };

suite('identity tokens', () => {
  test('prove somebody by a key of their issuer, fetched once', async () => {
    await using issuer = await openIssuer();
    const authenticator = open(jwtOf(issuer));
    deepEqual(issuer.asked, []);
    const tokens = [await sign(issuer), await sign(issuer, { aud: ['x', 'fairway'] }, keys.rsa)];
    deepEqual(await Promise.all(tokens.map((each) => outcomeOf(authenticator, each))), [ann, ann]);
    deepEqual(issuer.asked, ['/realm/.well-known/openid-configuration', '/keys']);
  });

  test('prove nobody when anything about them is wrong', async () => {
    await using issuer = await openIssuer();
    const authenticator = open(jwtOf(issuer));
    const good = await sign(issuer);
    const [header = '', payload = '', signature = ''] = good.split('.');
    const encode = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const pem = keys.one.publicKey.export({ format: 'pem', type: 'spki' });
    const confused = `${encode({ alg: 'HS256', kid: 'one' })}.${payload}`;
    const mac = createHmac('sha256', pem).update(confused).digest('base64url');
    for (const [token, why] of [
      [`${encode({ alg: 'none' })}.${payload}.AA`, /algorithm that counts/],
      [`${encode({ alg: 'none' })}.${payload}.`, /unrecognised/],
      [`${confused}.${mac}`, /algorithm that counts/],
      [
        `${encode({ alg: 'RS256', kid: 'one' })}.${payload}.${signature}`,
        /key that its issuer has not/,
      ],
      [
        `${encode({ alg: 'ES256', kid: 'rsa' })}.${payload}.${signature}`,
        /key that its issuer has not/,
      ],
      [
        `${encode({ alg: 'ES256', kid: 'one', crit: ['x'], x: 1 })}.${payload}.${signature}`,
        /bad signature/,
      ],
      [
        `${header}.${encode({ iss: issuer.url, aud: 'fairway', sub: 'root' })}.${signature}`,
        /bad signature/,
      ],
      [await sign(issuer, {}, { ...keys.two, keyId: 'one' }), /bad signature/],
      [await sign(issuer, {}, keys.two), /names a key that its issuer has not/],
      [await sign({ url: `${issuer.url}/` }), /unrecognised/],
      [await sign(issuer, { aud: 'others' }), /for others/],
      [await sign(issuer, { aud: undefined }), /for others/],
      [await sign(issuer, { exp: nowSeconds() }), /has expired/],
      [await sign(issuer, { exp: undefined }), /has expired/],
      [await sign(issuer, { exp: 'never' }), /has expired/],
      [await sign(issuer, { nbf: nowSeconds() + 301 }), /not valid yet/],
      [await sign(issuer, { sub: '' }, keys.one), /the username is empty/],
      [await sign(issuer, { sub: 7 }), /the claim sub of username is missing, or no text/],
      [` ${good}`, /unrecognised/],
      [`${good}.`, /unrecognised/],
    ] as const) {
      const outcome = await outcomeOf(authenticator, token);
      match(typeof outcome === 'string' ? outcome : JSON.stringify(outcome), why, token);
    }
    for (let at = 0; at < good.length; at += 7) {
      const other = good[at] === 'x' ? 'y' : 'x';
      const outcome = await outcomeOf(
        authenticator,
        good.slice(0, at) + other + good.slice(at + 1),
      );
      equal(typeof outcome, 'string', `character ${at}`);
    }
    deepEqual(await outcomeOf(authenticator, good), ann);
  });

  test('are believed by a new key, which the issuer is asked for every ten seconds at most', async () => {
    await using issuer = await openIssuer();
    const authenticator = open(jwtOf(issuer));
    deepEqual(await outcomeOf(authenticator, await sign(issuer)), ann);
    issuer.published = [keys.two];
    const token = await sign(issuer, {}, keys.two);
    match(String(await outcomeOf(authenticator, token)), /key that its issuer has not/);
    equal(issuer.asked.length, 2);
    await clock.advance(10_000);
    const flood = Array.from({ length: 20 }, () => outcomeOf(authenticator, token));
    deepEqual(new Set((await Promise.all(flood)).map((each) => JSON.stringify(each))).size, 1);
    deepEqual(await outcomeOf(authenticator, token), ann);
    equal(issuer.asked.length, 4);
    match(
      String(await outcomeOf(authenticator, await sign(issuer))),
      /key that its issuer has not/,
    );
  });

  test('are not believed any more some minutes after their key was withdrawn', async () => {
    await using issuer = await openIssuer();
    const authenticator = open(jwtOf(issuer));
    const token = await sign(issuer, { exp: nowSeconds() + 3600 });
    deepEqual(await outcomeOf(authenticator, token), ann);
    issuer.published = [keys.two];
    await clock.advance(5 * 60_000 + 1);
    deepEqual(await outcomeOf(authenticator, token), ann);
    while (issuer.asked.length < 4) await new Promise((resolve) => setImmediate(resolve));
    let outcome: unknown = ann;
    while (typeof outcome !== 'string') outcome = await outcomeOf(authenticator, token);
    match(outcome, /key that its issuer has not/);
  });

  test('of an issuer that is down keep no others from counting, and its keys go on', async () => {
    await using issuer = await openIssuer();
    await using other = await openIssuer();
    other.isBroken = true;
    const authenticator = open(jwtOf(issuer), jwtOf(other));
    const lost = await sign(other);
    match(
      String(await outcomeOf(authenticator, lost)),
      /cannot be read: .* answered with status 503/,
    );
    deepEqual(await outcomeOf(authenticator, await sign(issuer)), ann);
    equal(other.asked.length, 1);
    match(String(await outcomeOf(authenticator, lost)), /status 503/);
    equal(other.asked.length, 1);
    other.isBroken = false;
    await clock.advance(10_000);
    deepEqual(await outcomeOf(authenticator, await sign(other)), ann);
    other.isBroken = true;
    await clock.advance(60_000);
    await outcomeOf(authenticator, await sign(other, {}, keys.two));
    deepEqual(await outcomeOf(authenticator, await sign(other)), ann);
  });

  test('of an issuer whose document names another, or who shows another certificate, prove nobody', async () => {
    await using issuer = await openIssuer();
    issuer.named = 'https://evil.example';
    const token = await sign(issuer);
    match(String(await outcomeOf(open(jwtOf(issuer)), token)), /is of "https:\/\/evil.example"/);
    const issuerPlace = { url: issuer.url, audiences: ['fairway'] };
    match(
      String(await outcomeOf(open(jwtOf(issuer, { issuer: issuerPlace })), token)),
      /cannot be read/,
    );
  });

  test('count as soon as their issuer is configured, and keys stay known meanwhile', async () => {
    await using issuer = await openIssuer();
    const authenticator = open();
    const token = await sign(issuer);
    equal(await outcomeOf(authenticator, token), 'unrecognised');
    authenticator.replace(read(jwtOf(issuer)));
    deepEqual(await outcomeOf(authenticator, token), ann);
    const renamed = { claimMappings: { username: { claim: 'sub', prefix: '' } } };
    authenticator.replace(read(jwtOf(issuer, renamed)));
    deepEqual(await outcomeOf(authenticator, token), { username: 'ann', groups: [] });
    equal(issuer.asked.length, 2);
  });

  test('are found by documents elsewhere (discoveryURL)', async () => {
    await using issuer = await openIssuer();
    issuer.named = 'https://issuer.example';
    const { authority } = certificates;
    const discoveryURL = `${issuer.url}/elsewhere`;
    const place = { url: issuer.named, discoveryURL, audiences: ['fairway'] };
    const jwt = jwtOf(issuer, {
      issuer: { ...place, certificateAuthority: authority.certificate },
    });
    deepEqual(await outcomeOf(open(jwt), await sign({ url: issuer.named })), ann);
    deepEqual(issuer.asked, ['/realm/elsewhere', '/keys']);
  });
});

suite('what identity tokens say', () => {
  const expressions = {
    claimMappings: {
      username: { expression: "claims.user.name + '@' + claims.domain" },
      groups: { expression: "claims.roles.filter(r, r != 'x').map(r, 'r:' + r)" },
      uid: { claim: 'uid' },
      extra: [
        { key: 'acme.com/tenant', valueExpression: 'claims.?tenant.orValue("")' },
        { key: 'acme.com/n', valueExpression: '[string(claims.n + 1)]' },
      ],
    },
    claimValidationRules: [
      { claim: 'hd', requiredValue: 'acme' },
      { expression: 'claims.exp - claims.iat <= 3600', message: 'too long a life' },
    ],
    userValidationRules: [
      { expression: "!user.username.startsWith('system:')", message: 'reserved' },
    ],
  };
  const claims = {
    user: { name: 'ann' },
    domain: 'acme.com',
    roles: ['x', 'dev'],
    uid: '7',
    tenant: 't',
    n: 1,
    hd: 'acme',
    iat: nowSeconds(),
  };
  const mapped = {
    username: 'ann@acme.com',
    uid: '7',
    groups: ['r:dev'],
    extra: { 'acme.com/tenant': ['t'], 'acme.com/n': ['2'] },
  };

  for (const [what, more, said, expected] of [
    ['expressions', expressions, claims, mapped],
    [
      'no extra',
      expressions,
      { ...claims, tenant: '' },
      { ...mapped, extra: { 'acme.com/n': ['2'] } },
    ],
    ['a rule', expressions, { ...claims, iat: nowSeconds() - 7200 }, 'too long a life'],
    [
      'a required claim',
      expressions,
      { ...claims, hd: 'other' },
      'the claim hd has not the required value',
    ],
    ['a user', expressions, { ...claims, user: { name: 'system:x' } }, 'reserved'],
    [
      'a missing claim',
      expressions,
      { ...claims, n: undefined },
      'an expression has no value: no such key: n',
    ],
    [
      'groups of one word',
      { claimMappings: { username, groups: { claim: 'g', prefix: 'p:' } } },
      { g: 'a' },
      { ...ann, groups: ['p:a'] },
    ],
    ['no groups', { claimMappings: { username, groups: { claim: 'g', prefix: '' } } }, {}, ann],
    [
      'bad groups',
      { claimMappings: { username, groups: { claim: 'g', prefix: '' } } },
      { g: [1] },
      'the claim g holds no names of groups',
    ],
    [
      'an unverified email',
      { claimMappings: { username: { claim: 'email', prefix: '' } } },
      { email: 'a@b', email_verified: 'true' },
      'the claim email is not verified',
    ],
    [
      'a claim of every object',
      { claimMappings: { username: { claim: 'constructor', prefix: '' } } },
      {},
      'the claim constructor of username is missing, or no text',
    ],
  ] as const) {
    test(`become a user or a refusal: ${what}`, async () => {
      await using issuer = await openIssuer();
      deepEqual(await outcomeOf(open(jwtOf(issuer, more)), await sign(issuer, said)), expected);
    });
  }

  test('cannot keep the server busy', async () => {
    await using issuer = await openIssuer();
    const expression = 'claims.l.map(a, claims.l.map(b, claims.l.map(c, "x")))[0][0][0]';
    const jwt = jwtOf(issuer, { claimMappings: { username: { expression } } });
    const token = await sign(issuer, { l: Array.from({ length: 200 }, () => 1) });
    equal(await outcomeOf(open(jwt), token), 'an expression costs more than it may');
  });
});
