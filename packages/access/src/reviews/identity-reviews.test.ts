import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '@fairway/host';
import { ApiError, type UserInfo } from '@fairway/protocol';
import type { TokenAuthenticator } from '../authentication/authenticator.ts';
import { checkTokenLifetime, reviewSelfSubject, reviewToken } from './identity-reviews.ts';
import { staticTokenAuthenticator } from '../authentication/static-token-authenticator.ts';

const admin: UserInfo = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };
const bob: UserInfo = { username: 'bob', groups: [] };

async function refusal(attempt: () => unknown): Promise<ApiError> {
  try {
    await attempt();
  } catch (error) {
    ok(error instanceof ApiError);
    return error;
  }
  throw new Error('the review was answered');
}

test('reviewSelfSubject() tells the caller who it is', () => {
  deepEqual(reviewSelfSubject(admin), { userInfo: admin });
});

test('reviewToken() tells whose token it is, and for whom', async () => {
  const tokens = staticTokenAuthenticator([{ token: new Secret('t'), user: bob }]);
  const user = { username: 'bob', groups: ['system:authenticated'] };
  deepEqual(await reviewToken({ spec: { token: 't' } }, tokens, ['api']), {
    authenticated: true,
    user,
    audiences: ['api'],
  });
  deepEqual(await reviewToken({ spec: { token: 't', audiences: ['vault'] } }, tokens, ['api']), {
    user: {},
    error: 'invalid bearer token',
  });
  deepEqual(await reviewToken({ spec: { token: 'x' } }, tokens, ['api']), {
    user: {},
    error: 'invalid bearer token',
  });
  const expired: TokenAuthenticator = async () => ({ kind: 'rejected', why: 'expired' });
  deepEqual(await reviewToken({ spec: { token: 'x' } }, expired, []), {
    user: {},
    error: '[invalid bearer token, expired]',
  });
  const error = await refusal(() => reviewToken({ spec: {} }, tokens, ['api']));
  equal(error.message, 'token is required for TokenReview in authentication');
});

test('checkTokenLifetime() allows ten minutes to 2^32 seconds', () => {
  equal(checkTokenLifetime(600).length, 0);
  equal(checkTokenLifetime(2 ** 32).length, 0);
  equal(checkTokenLifetime(599)[0]?.detail, 'may not specify a duration less than 10 minutes');
  equal(
    checkTokenLifetime(2 ** 32 + 1)[0]?.detail,
    'may not specify a duration larger than 2^32 seconds',
  );
});
