import assert from 'node:assert/strict';
import { type KeyObject, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import {
  legacyTokenIssuer,
  loadServiceAccountKeys,
  serviceAccountKeys,
  serviceAccountTokens,
} from '@fairway/access';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { ManualClock, MemoryFiles, seededRandom } from '@fairway/host/testing';
import fc from 'fast-check';

const namespace = 'default';
const place = `/api/v1/namespaces/${namespace}`;
const issuer = 'https://kubernetes.default.svc';

const { signing: key } = await loadServiceAccountKeys(new MemoryFiles(), 'sa.key');
const { signing: removed } = await loadServiceAccountKeys(new MemoryFiles(), 'removed.key');

interface Scene extends AsyncDisposable {
  readonly server: TestServer;
  /** A good token of the account `bot`, bound to the secret `bound`. */
  readonly token: string;
  readonly uid: string;
  /** Insists on 401, in the same words as for every other token. */
  refuse(name: string, token: string): Promise<void>;
  isGood(token: string): Promise<boolean>;
}

async function start(): Promise<Scene> {
  const server = await startTestServer({
    serviceAccountTokens: { keys: () => serviceAccountKeys(key) },
  });
  const create = async (plural: string, name: string): Promise<string> => {
    const body = { metadata: { name } };
    const { json } = await server.expect(201, 'POST', `${place}/${plural}`, { body });
    return json.metadata.uid ?? '';
  };
  const uid = await create('serviceaccounts', 'bot');
  await create('secrets', 'bound');
  const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name: 'bound' };
  const { json } = await server.expect(201, 'POST', `${place}/serviceaccounts/bot/token`, {
    body: { spec: { boundObjectRef } },
  });
  const ask = (token: string) =>
    server.request('GET', '/version', {
      headers: { authorization: `Bearer ${token}` },
      handler: server.api.handler,
    });
  const { text: refusal, status } = await ask('nonsense');
  assert.equal(status, 401);
  return {
    server,
    token: json['status'].token as string,
    uid,
    async refuse(name, token) {
      const answer = await ask(token);
      assert.deepEqual([answer.status, answer.text], [401, refusal], name);
    },
    isGood: async (token) => (await ask(token)).status === 200,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}

function signed(header: object, payload: object, by: KeyObject): string {
  const text = `${encode(header)}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(text), { key: by, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

test('a token with any bit changed is refused', async () => {
  await using scene = await start();
  const { token } = scene;
  const bytes = Buffer.from(token);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length * 7 - 1), async (at) => {
      const changed = Buffer.from(bytes);
      const place = Math.floor(at / 7);
      changed[place] = (changed[place] ?? 0) ^ (1 << (at % 7));
      const text = changed.toString('latin1');
      // The last character of a signature has bits that stand for nothing.
      const isAlike = sameBytes(text, token);
      if (!isAlike) await scene.refuse(`bit ${at}`, text);
    }),
    { numRuns: 300, seed: 5 },
  );
  assert.ok(await scene.isGood(token));
});

function sameBytes(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) =>
    text.split('.').map((part) => (/^[\w-]+$/.test(part) ? Buffer.from(part, 'base64url') : part)),
  );
  return JSON.stringify(a) === JSON.stringify(b);
}

test('tokens that are forged, foreign or malformed are refused in the same words', async () => {
  await using scene = await start();
  const { token, refuse } = scene;
  const [head = '', body = '', signature = ''] = token.split('.');
  const header = decode(head);
  const claims = decode(body);
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const jwk = stranger.export({ format: 'jwk' });
  const hmacHead = encode({ ...header, alg: 'HS256' });
  const now = scene.server.clock.now() / 1000;
  const hmac = (secret: string | Buffer): string =>
    createHmac('sha256', secret).update(`${hmacHead}.${body}`).digest('base64url');
  const by = (changes: object, signer: KeyObject = key.privateKey): string =>
    signed(header, { ...claims, ...changes }, signer);
  assert.ok(await scene.isGood(by({})), 'what is signed here is good');
  const forged: Record<string, string> = {
    'alg none': `${encode({ alg: 'none' })}.${body}.`,
    'alg none with our key id': `${encode({ ...header, alg: 'none' })}.${body}.`,
    'HS256 with the public key': `${hmacHead}.${body}.${hmac(pem)}`,
    'HS256 with the DER of it': `${hmacHead}.${body}.${hmac(key.publicKey.export({ type: 'spki', format: 'der' }))}`,
    'another key': by({}, stranger),
    'another key, in its header': signed({ ...header, jwk, kid: undefined }, claims, stranger),
    'a key that was removed': signed({ ...header, kid: removed.keyId }, claims, removed.privateKey),
    'an unknown key id': signed({ ...header, kid: 'unknown' }, claims, key.privateKey),
    'another audience': by({ aud: ['vault'] }),
    'no audience': by({ aud: [] }),
    'another issuer': by({ iss: 'https://other.example' }),
    'no issuer': by({ iss: undefined }),
    expired: by({ exp: now - 1 }),
    'no end': by({ exp: undefined }),
    'not yet valid': by({ nbf: now + 3600 }),
    'another subject': by({ sub: 'system:serviceaccount:kube-system:admin' }),
    'an account that is not there': by({
      sub: `system:serviceaccount:${namespace}:none`,
      'kubernetes.io': { namespace, serviceaccount: { name: 'none', uid: 'u' } },
    }),
    'claims that are no object': by({ 'kubernetes.io': 'x' }),
    'a binding that cannot be read': by({
      'kubernetes.io': { ...(claims['kubernetes.io'] as object), pod: { name: 'x' } },
    }),
    huge: by({ padding: 'x'.repeat(1_000_000) }),
    'long, and below the bound': by({ padding: 'x'.repeat(10_000), aud: ['vault'] }),
    'five parts, as a JWE': `${encode({ alg: 'dir', enc: 'A256GCM' })}..${body}.${body}.${signature}`,
    'dots within dots': `${head}.${head}.${body}.${signature}`,
    'only dots': '..',
    'many dots': '.'.repeat(1_000),
    'two parts': `${head}.${body}`,
    'no signature': `${head}.${body}.`,
    'padding of base64': `${head}.${body}.${signature}==`,
    'nested brackets': `${Buffer.from('['.repeat(4_000)).toString('base64url')}.${body}.${signature}`,
  };
  for (const [name, text] of Object.entries(forged)) await refuse(name, text);
  assert.ok(await scene.isGood(token));
});

test('tokens end with what they are bound to, also when it comes again by its name', async () => {
  await using scene = await start();
  const { server, token, uid, refuse } = scene;
  assert.ok(await scene.isGood(token));
  const body = { metadata: { name: 'bound' } };
  await server.expect(200, 'DELETE', `${place}/secrets/bound`);
  await refuse('the secret is deleted', token);
  await server.expect(201, 'POST', `${place}/secrets`, { body });
  await refuse('another secret has its name', token);
  const legacy = (
    await legacyTokenIssuer(() => serviceAccountKeys(key))({
      account: { namespace, name: 'bot', uid },
      secretName: 'bound',
    })
  ).reveal();
  await refuse('a secret that does not hold it', legacy);
  const past = serviceAccountTokens({
    keys: () => serviceAccountKeys(key),
    issuers: [issuer],
    clock: new ManualClock(server.clock.now() - 7_200_000),
    random: seededRandom(2),
  });
  const wish = { namespace, serviceAccount: { name: 'bot', uid }, audiences: [issuer] };
  const old = await past.issue({ ...wish, lifetimeSeconds: 3_600 });
  await refuse('an old one', old.token.reveal());
});
