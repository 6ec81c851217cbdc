import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { customCredentials, type MintedCredential } from './custom-credentials.ts';

test('customCredentials() asks again shortly before the expiry', async () => {
  const clock = new ManualClock();
  let minted = 0;
  const credentials = customCredentials(clock, async () => {
    minted += 1;
    return { token: `t${minted}`, expires: new Date(clock.now() + 60_000) };
  });
  assert.equal((await credentials.current()).authorization?.reveal(), 'Bearer t1');
  await clock.advance(50_000);
  assert.equal((await credentials.current()).authorization?.reveal(), 'Bearer t2');
});

test('customCredentials() refuses half a key pair and a date that is none', async () => {
  const bad: [MintedCredential, RegExp][] = [
    [{ certificate: 'c' }, /come together/],
    [{ token: 't', expires: new Date('soon') }, /no valid Date/],
  ];
  for (const [minted, expected] of bad) {
    await assert.rejects(
      customCredentials(new ManualClock(), async () => minted).current(),
      expected,
    );
  }
});
