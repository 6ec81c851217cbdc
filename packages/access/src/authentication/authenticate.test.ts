import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '@fairway/host';
import { ApiError, type HttpHeaders } from '@fairway/protocol';
import { withAnonymous } from './anonymous-access.ts';
import { authenticate } from './authenticate.ts';
import type { AuthenticatedRequest } from '../authenticated-request.ts';
import { type Authenticator, firstAuthenticator, rejected, unrecognised } from './authenticator.ts';
import { bearerTokenAuthenticator } from './bearer-token-authenticator.ts';
import { describeTarget } from '../describe-target.ts';
import { staticTokenAuthenticator } from './static-token-authenticator.ts';

const bob = { username: 'bob', groups: ['dev'] };
const tokens = bearerTokenAuthenticator(
  staticTokenAuthenticator([{ token: new Secret('right'), user: bob }]),
);

/** The request as it arrives behind the filter. */
function pass(
  headers: HttpHeaders,
  authenticator: Authenticator = tokens,
): Promise<AuthenticatedRequest> {
  const signal = new AbortController().signal;
  const request = { method: 'GET', path: '/', query: '', headers, body: undefined, signal };
  return describeTarget(authenticate(withAnonymous(authenticator), async (seen) => seen))(request);
}

async function refusal(headers: HttpHeaders, authenticator?: Authenticator): Promise<ApiError> {
  try {
    await pass(headers, authenticator);
  } catch (error) {
    ok(error instanceof ApiError);
    return error;
  }
  throw new Error('the request passed');
}

function subprotocol(token: string): string {
  return `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
}

test('authenticate() adds the user and takes the token away', async () => {
  const request = await pass({ authorization: 'Bearer right', accept: '*/*' });
  deepEqual(request.user, { username: 'bob', groups: ['dev', 'system:authenticated'] });
  deepEqual(request.headers, { accept: '*/*' });
});

test('authenticate() takes away what only a front proxy may say, its own headers and the usual ones', async () => {
  const signal = new AbortController().signal;
  const headers = { 'x-user': 'a', 'x-remote-user': 'b', 'x-more-k': 'c', accept: '*/*' };
  const request = { method: 'GET', path: '/', query: '', headers, body: undefined, signal };
  const identity = { username: ['x-user'], uid: [], group: [], extraPrefixes: ['x-more-'] };
  const filter = authenticate(withAnonymous(tokens), async (seen) => seen, identity);
  deepEqual((await describeTarget(filter)(request)).headers, { accept: '*/*' });
  const usual = { 'x-remote-uid': '1', 'x-remote-group': ['g'], 'x-remote-extra-a': 'b' };
  deepEqual((await pass(usual)).headers, {});
});

test('authenticate() reads the scheme in any case and with any spaces', async () => {
  for (const authorization of ['bearer right', 'BEARER   right', '  Bearer\tright ']) {
    equal((await pass({ authorization })).user.username, 'bob');
  }
});

test('authenticate() looks at tokens of 16384 characters at most', async () => {
  const long = bearerTokenAuthenticator(async () => ({ kind: 'authenticated', user: bob }));
  const bearer = (length: number): HttpHeaders => ({
    authorization: `Bearer ${'a'.repeat(length)}`,
  });
  equal((await pass(bearer(16_384), long)).user.username, 'bob');
  equal((await refusal(bearer(16_385), long)).code, 401);
});

test('authenticate() takes nobody for anonymous who showed a bad credential', async () => {
  const error = await refusal({ authorization: 'Bearer wrong' });
  deepEqual(error.status, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Unauthorized',
    reason: 'Unauthorized',
    code: 401,
  });
  equal(error.detail, 'nobody knows this token');
});

test('authenticate() refuses two tokens, a hidden third word, and one without an end', async () => {
  const bad: HttpHeaders[] = [
    { authorization: ['Bearer right', 'Bearer right'] },
    { authorization: 'Bearer right right' },
    { authorization: `Bearer ${'x'.repeat(20_000)}` },
    { authorization: 'Bearer right\u0000' },
    { authorization: 'Bearer righ' },
  ];
  for (const headers of bad) equal((await refusal(headers)).code, 401);
});

test('authenticate() lets a caller without a credential of ours be anonymous', async () => {
  for (const headers of [{}, { authorization: 'Basic cmlnaHQ6' }, { authorization: 'right' }]) {
    const request = await pass(headers);
    deepEqual(request.user, {
      username: 'system:anonymous',
      groups: ['system:unauthenticated'],
    });
    equal('authorization' in request.headers, false);
  }
});

test('authenticate() accepts the token of a WebSocket and hides it from what follows', async () => {
  const protocols = `${subprotocol('right')}, v4.channel.k8s.io`;
  const upgrade = { upgrade: 'websocket', connection: 'upgrade' };
  const request = await pass({ ...upgrade, 'sec-websocket-protocol': protocols });
  equal(request.user.username, 'bob');
  equal(request.headers['sec-websocket-protocol'], 'v4.channel.k8s.io');
});

test('authenticate() refuses a WebSocket token that is alone, doubled or no text', async () => {
  const right = subprotocol('right');
  const prefix = 'base64url.bearer.authorization.k8s.io.';
  const bad = [
    right,
    `${right}, ${right}, v4`,
    `${prefix}!!, v4`,
    `${prefix}_w, v4`,
    `${prefix}, v4`,
  ];
  for (const each of bad) {
    const error = await refusal({ upgrade: 'websocket', 'sec-websocket-protocol': each });
    equal(error.code, 401);
  }
});

test('authenticate() ignores a WebSocket token outside of a WebSocket, but hides it', async () => {
  const request = await pass({ 'sec-websocket-protocol': `${subprotocol('right')}, v4` });
  equal(request.user.username, 'system:anonymous');
  equal(request.headers['sec-websocket-protocol'], 'v4');
});

test('firstAuthenticator() prefers a good credential to a bad one of another sort', async () => {
  const bad: Authenticator = async () => rejected('expired certificate');
  const none: Authenticator = async () => unrecognised;
  const good: Authenticator = async () => ({ kind: 'authenticated', user: bob });
  equal((await pass({}, firstAuthenticator([bad, none, good]))).user.username, 'bob');
  equal(
    (await refusal({}, firstAuthenticator([none, bad, bad]))).detail?.includes('expired'),
    true,
  );
  equal((await pass({}, firstAuthenticator([none]))).user.username, 'system:anonymous');
});

test('authenticate() does not take a failure for an answer', async () => {
  const broken: Authenticator = async () => {
    throw new Error('no store');
  };
  await rejects(pass({}, firstAuthenticator([broken, tokens])), /no store/);
});
