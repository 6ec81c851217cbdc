import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { rememberVerified } from './remember-verified.ts';
import type { ServiceAccountClaims } from './service-account-claims.ts';

function start(lifetimeMs: number) {
  const clock = new ManualClock();
  const verified: string[] = [];
  const claims = { exp: (clock.now() + lifetimeMs) / 1000 } as ServiceAccountClaims;
  const trusted = new Set(['k']);
  const verify = rememberVerified(
    {
      isTrusted: (keyId) => trusted.has(keyId),
      async verify(token) {
        verified.push(token);
        return token === 'bad' ? { kind: 'foreign' } : { kind: 'requested', claims, keyId: 'k' };
      },
    },
    { clock, verifiedTokensMax: 2 },
  );
  return { clock, verified, verify, trusted };
}

test('rememberVerified() verifies a token once, and what is not ours each time', async () => {
  const { verified, verify } = start(3_600_000);
  for (const token of ['a', 'a', 'bad', 'bad']) await verify(token);
  assert.deepEqual(verified, ['a', 'bad', 'bad']);
});

test('rememberVerified() forgets the least recently used of too many', async () => {
  const { verified, verify } = start(3_600_000);
  for (const token of ['a', 'b', 'a', 'c', 'a', 'b']) await verify(token);
  assert.deepEqual(verified, ['a', 'b', 'c', 'b']);
});

test('rememberVerified() forgets what nobody shows for minutes', async () => {
  const { clock, verified, verify } = start(24 * 3_600_000);
  await verify('a');
  await clock.advance(6 * 60_000);
  await verify('a');
  await clock.advance(6 * 60_000);
  await verify('a');
  assert.deepEqual(verified, ['a']);
  await clock.advance(10 * 60_000);
  assert.equal(clock.pending, 0);
  await verify('a');
  assert.deepEqual(verified, ['a', 'a']);
});

test('rememberVerified() forgets what has expired', async () => {
  const { clock, verified, verify } = start(60_000);
  await verify('a');
  clock.jump(60_000);
  await verify('a');
  await verify('a');
  assert.deepEqual(verified, ['a', 'a']);
});

test('rememberVerified() verifies again when the key of a token is removed', async () => {
  const { verified, verify, trusted } = start(60_000);
  await verify('a');
  trusted.delete('k');
  await verify('a');
  assert.deepEqual(verified, ['a', 'a']);
});
