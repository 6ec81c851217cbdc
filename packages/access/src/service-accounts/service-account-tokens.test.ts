import { deepEqual, equal, notEqual, ok, rejects, throws } from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock, MemoryFiles, seededRandom } from '@fairway/host/testing';
import { jsonWebKeySet, openIdConfiguration } from './openid-documents.ts';
import {
  type ServiceAccountKey,
  keyIdOf,
  loadServiceAccountKeys,
  readVerificationKeys,
  serviceAccountKeys,
} from './service-account-key.ts';
import { serviceAccountTokenAuthenticator } from './service-account-token-authenticator.ts';
import type { LiveObject } from '../authentication/token-lookups.ts';
import { type TokenWish, serviceAccountTokens } from './service-account-tokens.ts';

const issuer = 'https://kubernetes.default.svc';
const account = { name: 'default', uid: 'u1' };
const wish: TokenWish = {
  namespace: 'shop',
  serviceAccount: account,
  audiences: [issuer],
  lifetimeSeconds: 600,
};

const { signing: key } = await loadServiceAccountKeys(new MemoryFiles(), 'sa.key');

interface Scene {
  readonly issue: (changes?: Partial<TokenWish>) => Promise<string>;
  readonly check: (token: string, audiences?: readonly string[]) => Promise<string>;
  readonly clock: ManualClock;
  readonly objects: Map<string, LiveObject>;
  readonly authenticate: ReturnType<typeof serviceAccountTokenAuthenticator>;
}

function scene(signer: ServiceAccountKey = key): Scene {
  const clock = new ManualClock();
  const random = seededRandom(1);
  const keys = serviceAccountKeys(signer, [key]);
  const tokens = serviceAccountTokens({ keys: () => keys, issuers: [issuer], clock, random });
  const objects = new Map<string, LiveObject>([
    ['serviceaccount/shop/default', { uid: 'u1' }],
    ['pod/shop/web', { uid: 'p1' }],
    ['node//n1', { uid: 'n1' }],
    ['secret/shop/s', { uid: 's1' }],
  ]);
  const authenticate = serviceAccountTokenAuthenticator({
    tokens,
    clock,
    audiences: [issuer],
    findServiceAccount: (namespace, name) => objects.get(`serviceaccount/${namespace}/${name}`),
    findBoundObject: (kind, namespace, name) => objects.get(`${kind}/${namespace}/${name}`),
    findTokenSecret: () => undefined,
    noteUsed: async () => {},
    verifiedTokensMax: 2,
  });
  return {
    clock,
    objects,
    authenticate,
    issue: async (changes) => (await tokens.issue({ ...wish, ...changes })).token.reveal(),
    async check(token, audiences = []) {
      const outcome = await authenticate(token, audiences);
      return outcome.kind === 'rejected' ? outcome.why : outcome.kind;
    },
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Record<string, unknown>;
}

test('serviceAccountTokenAuthenticator() knows the account behind a token', async () => {
  const { issue, authenticate } = scene();
  const token = await issue();
  const { jti } = decode(token.split('.')[1]);
  deepEqual(await authenticate(token, []), {
    kind: 'authenticated',
    user: {
      username: 'system:serviceaccount:shop:default',
      uid: 'u1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${String(jti)}`] },
    },
    audiences: [issuer],
  });
});

test('serviceAccountTokens() writes the claims of a Kubernetes token', async () => {
  const { issue, clock } = scene();
  const boundObject = { kind: 'Pod', name: 'web', uid: 'p1' } as const;
  const node = { name: 'n1', uid: 'n1' };
  const token = await issue({ boundObject, node, warnAfterSeconds: 60 });
  const [header, payload] = token.split('.').map((part, index) => (index < 2 ? decode(part) : {}));
  deepEqual(header, { alg: 'ES256', kid: key.keyId });
  const now = clock.now() / 1000;
  const { jti, ...claims } = payload ?? {};
  equal(typeof jti, 'string');
  deepEqual(claims, {
    aud: [issuer],
    exp: now + 600,
    iat: now,
    iss: issuer,
    'kubernetes.io': {
      namespace: 'shop',
      node,
      pod: { name: 'web', uid: 'p1' },
      serviceaccount: account,
      warnafter: now + 60,
    },
    nbf: now,
    sub: 'system:serviceaccount:shop:default',
  });
});

test('serviceAccountTokenAuthenticator() asks the clock at each request, cached or not', async () => {
  const { issue, check, clock } = scene();
  const token = await issue();
  equal(await check(token), 'authenticated');
  clock.jump(599_000);
  equal(await check(token), 'authenticated');
  clock.jump(1_000);
  equal(await check(token), 'service account token has expired');
  equal(await check(token), 'service account token has expired');
  // Ten minutes back is the moment of issue, from which the clock may differ by a minute.
  clock.jump(-660_000);
  equal(await check(token), 'authenticated');
  clock.jump(-1_000);
  equal(await check(token), 'service account token is not valid yet');
});

test('serviceAccountTokenAuthenticator() rejects a token for somebody else', async () => {
  const { issue, check } = scene();
  const foreign = await issue({ audiences: ['vault'] });
  const forUs = `is invalid for the target audiences ["${issuer}"]`;
  equal(await check(foreign), `token audiences ["vault"] ${forUs}`);
  equal(await check(foreign, ['other', 'vault']), 'authenticated');
  equal(await check(await issue({ audiences: [] })), `token audiences [] ${forUs}`);
});

test('serviceAccountTokenAuthenticator() ends a token with its account', async () => {
  const { issue, check, objects, clock } = scene();
  const token = await issue();
  equal(await check(token), 'authenticated');
  const deletionTimestamp = new Date(clock.now()).toISOString();
  objects.set('serviceaccount/shop/default', { uid: 'u1', deletionTimestamp });
  equal(await check(token), 'authenticated');
  clock.jump(60_000);
  equal(await check(token), 'authenticated');
  clock.jump(1);
  equal(await check(token), 'service account shop/default has been deleted');
  objects.set('serviceaccount/shop/default', { uid: 'u2' });
  equal(await check(token), 'service account UID (u2) does not match claim (u1)');
  objects.delete('serviceaccount/shop/default');
  equal(await check(token), 'serviceaccounts "default" not found');
});

test('serviceAccountTokenAuthenticator() ends a token with the object that it is bound to', async () => {
  const bindings = [
    { kind: 'Pod', name: 'web', uid: 'p1', key: 'pod/shop/web' },
    { kind: 'Secret', name: 's', uid: 's1', key: 'secret/shop/s' },
    { kind: 'Node', name: 'n1', uid: 'n1', key: 'node//n1' },
  ] as const;
  for (const { key: place, ...boundObject } of bindings) {
    const { issue, check, objects } = scene();
    const token = await issue({ boundObject });
    equal(await check(token), 'authenticated');
    objects.set(place, { uid: 'another' });
    const kind = boundObject.kind.toLowerCase();
    const claimed = `service account ${kind} ref claim (${boundObject.uid})`;
    equal(await check(token), `${kind} UID (another) does not match ${claimed}`);
    objects.delete(place);
    equal(await check(token), 'service account token has been invalidated');
  }
});

test('serviceAccountTokenAuthenticator() tells the pod and its node as extra', async () => {
  const { issue, authenticate, objects } = scene();
  const boundObject = { kind: 'Pod', name: 'web', uid: 'p1' } as const;
  const token = await issue({ boundObject, node: { name: 'n1', uid: 'n1' } });
  objects.delete('node//n1');
  const outcome = await authenticate(token, []);
  ok(outcome.kind === 'authenticated');
  const { 'authentication.kubernetes.io/credential-id': _, ...extra } = outcome.user.extra ?? {};
  deepEqual(extra, {
    'authentication.kubernetes.io/node-name': ['n1'],
    'authentication.kubernetes.io/node-uid': ['n1'],
    'authentication.kubernetes.io/pod-name': ['web'],
    'authentication.kubernetes.io/pod-uid': ['p1'],
  });
});

test('serviceAccountTokenAuthenticator() forgets the oldest of many tokens and still knows it', async () => {
  const { issue, check } = scene();
  const tokens = [await issue(), await issue(), await issue(), await issue()];
  for (const token of [...tokens, ...tokens]) equal(await check(token), 'authenticated');
});

test('serviceAccountTokenAuthenticator() rejects tampered, unsigned and re-signed tokens', async () => {
  const { issue, check } = scene();
  const token = await issue();
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = decode(payload);
  const raised = encode({ ...claims, sub: 'system:serviceaccount:kube-system:admin' });
  const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const hmacHead = encode({ alg: 'HS256', kid: key.keyId });
  const hmac = createHmac('sha256', pem).update(`${hmacHead}.${payload}`).digest('base64url');
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const forged = sign('sha256', Buffer.from(`${header}.${payload}`), {
    key: stranger,
    dsaEncoding: 'ieee-p1363',
  }).toString('base64url');
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  const attacks = {
    'changed claims': `${header}.${raised}.${signature}`,
    'changed signature': `${header}.${payload}.${flipped}`,
    'no signature': `${header}.${payload}.`,
    'alg none': `${encode({ alg: 'none' })}.${payload}.`,
    'alg None with our key': `${encode({ alg: 'None', kid: key.keyId })}.${payload}.${signature}`,
    'HMAC with the public key': `${hmacHead}.${payload}.${hmac}`,
    'key of a stranger': `${header}.${payload}.${forged}`,
    'other algorithm': `${encode({ alg: 'ES384', kid: key.keyId })}.${payload}.${signature}`,
    'unknown key id': `${encode({ alg: 'ES256', kid: 'x' })}.${payload}.${signature}`,
    'key id of a strange type': `${encode({ alg: 'ES256', kid: { a: 1 } })}.${payload}.${signature}`,
    'key in the header': `${encode({ alg: 'ES256', jwk: stranger.export({ format: 'jwk' }) })}.${payload}.${forged}`,
    'critical extension': `${encode({ alg: 'ES256', kid: key.keyId, crit: ['x'], x: 1 })}.${payload}.${signature}`,
  };
  for (const [name, attack] of Object.entries(attacks)) {
    const why = await check(attack);
    equal(why, 'go-jose/go-jose: error in cryptographic primitive', name);
  }
  equal(await check(token), 'authenticated');
});

test('serviceAccountTokenAuthenticator() leaves to others what is not ours', async () => {
  const { issue, check } = scene();
  const [header = '', payload = '', signature = ''] = (await issue()).split('.');
  const other = encode({ ...decode(payload), iss: 'https://accounts.example' });
  const list = encode({ ...decode(payload), iss: [issuer] });
  const strangers = [
    '',
    'abc',
    '..',
    'a.b.c',
    '\u0000.\n.\u0000',
    `${header}.${other}.${signature}`,
    `${header}.${list}.${signature}`,
    `${header}.bnVsbA.${signature}`,
    `${header}.${payload}.${signature}.x`,
    'x'.repeat(100_000),
    `${'['.repeat(50_000)}.${Buffer.from('['.repeat(50_000)).toString('base64url')}.x`,
  ];
  for (const token of strangers) equal(await check(token), 'unrecognised', token.slice(0, 40));
});

test('serviceAccountTokens() verifies with old keys and signs with the new one', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { signing: rsa } = await loadServiceAccountKeys(
    new MemoryFiles({ 'sa.key': pem }),
    'sa.key',
  );
  const old = await scene().issue();
  const rotated = scene(rsa);
  equal(await rotated.check(old), 'authenticated');
  const fresh = await rotated.issue();
  deepEqual(decode(fresh.split('.')[0]), { alg: 'RS256', kid: rsa.keyId });
  equal(await rotated.check(fresh), 'authenticated');
  equal(await scene().check(fresh), 'go-jose/go-jose: error in cryptographic primitive');
});

test('loadServiceAccountKeys() makes a key once and keeps it to its owner', async () => {
  const files = new MemoryFiles();
  const idOf = async (from: MemoryFiles): Promise<string> =>
    (await loadServiceAccountKeys(from, 'sa.key')).signing.keyId;
  const made = await idOf(files);
  equal((await files.stat('sa.key'))?.mode, 0o600);
  equal(await idOf(files), made);
  notEqual(await idOf(new MemoryFiles()), made);
});

test('loadServiceAccountKeys() signs with the first key of a file and verifies with all', async () => {
  const pems = ['P-256', 'P-384', 'P-521'].map((namedCurve) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  });
  const parameters =
    '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  const file = new MemoryFiles({ 'sa.key': `${parameters}${pems.join('\n')}` });
  const { signing, verifying } = await loadServiceAccountKeys(file, 'sa.key');
  equal(signing.algorithm, 'ES256');
  deepEqual(
    verifying.map(({ algorithm }) => algorithm),
    ['ES256', 'ES384', 'ES512'],
  );
});

test('loadServiceAccountKeys() says what is wrong with a file', async () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const edwards = generateKeyPairSync('ed25519').privateKey;
  const bad = [
    ['nonsense', /cannot use the service-account key in sa\.key: it is not a private key in PEM/],
    ['', /not a private key in PEM/],
    [weak.export({ type: 'pkcs8', format: 'pem' }).toString(), /use RSA from 2048 bits/],
    [edwards.export({ type: 'pkcs8', format: 'pem' }).toString(), /type ed25519/],
    [key.publicKey.export({ type: 'spki', format: 'pem' }).toString(), /not a private key/],
  ] as const;
  for (const [text, message] of bad) {
    await rejects(loadServiceAccountKeys(new MemoryFiles({ 'sa.key': text }), 'sa.key'), message);
  }
});

test('readVerificationKeys() takes public keys, and the public halves of private ones', () => {
  const file = [
    key.publicKey.export({ type: 'spki', format: 'pem' }),
    key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ].join('\n');
  const read = readVerificationKeys(Buffer.from(file), 'sa.pub');
  deepEqual(
    read.map(({ keyId }) => keyId),
    [key.keyId, key.keyId],
  );
  throws(() => readVerificationKeys(Buffer.from('nothing'), 'sa.pub'), /holds no key in PEM/);
});

test('openIdConfiguration() and jsonWebKeySet() publish what a relying party needs', () => {
  const urls = { issuer, jwksUri: 'https://192.0.2.2:6443/openid/v1/jwks' };
  deepEqual(openIdConfiguration([key], urls), {
    issuer,
    jwks_uri: urls.jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  });
  const [published = {}] = jsonWebKeySet([key]).keys;
  deepEqual(Object.keys(published), ['use', 'kty', 'kid', 'crv', 'alg', 'x', 'y']);
  deepEqual([published['use'], published['kid'], published['kty']], ['sig', key.keyId, 'EC']);
});

// The key that a real cluster published, and the key id that it computed.
test('keyIdOf() names a key as a Kubernetes API server does', () => {
  const n =
    'uA_lVhco9-m3dOiGLE6mM3pAlpUnGj7Y7D1aBdk0X-sWXrTahBPHRdPDlnjbU5iyu65iolS_KBGDlkFrBbmdPGsgqy-m6xnpiYf614BWZxUhRNRJuGNTus8lgvkDJpbcE4IL3G0ydGgWMAip5_e5bEJdBeIDZ35bqscGIYk7Y0bkNlEP-3C3tdBlo2LW9yGyVqFhllp14-zJrABPYxiuzbFkb4vpqI3zsXaoHjgpSl5-OrCJBf3ZCs0KQQgWnJCus-8e9hdpU8VMsgv3OYOvpzBhN4uBN70wJzC1rpcgXjz8DrkZvpGtoVLxyV9ZpHqF1uc_AesrcTETXe_J8FJ1UQ';
  const publicKey = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' });
  equal(keyIdOf(publicKey), '97jUPdJc9o1-96FH0NPZiXmowVBOwwhuPwNBp8O-BHo');
});
