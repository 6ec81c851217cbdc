import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GivenToken } from '@fairway/client';
import type { Host } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { Output } from '../output/output.ts';
import { renewing } from './renewing.ts';

test('renewing() tells the user what fails, until when the token is good, and goes on', async () => {
  const clock = new ManualClock();
  const told: string[] = [];
  const output = { writeError: async (text: string) => void told.push(text) } as unknown as Output;
  const host = { clock, random: seededRandom(1) } as unknown as Host;
  const first: GivenToken = { token: 'a', expirationSeconds: 600, expirationTimestamp: '' };
  const answers = [new Error('connection refused'), { ...first, token: 'b' }];
  const seen: string[] = [];
  {
    await using _ = renewing({ host, output }, first, {
      account: { namespace: 'shop', name: 'robot' },
      async request() {
        const answer = answers.shift();
        if (answer instanceof Error || answer === undefined) throw answer as Error;
        return answer;
      },
      onToken: async ({ token }) => void seen.push(token),
    });
    await clock.advance(480_000);
    assert.match(
      told.join(''),
      /^Warning: the token of shop\/robot cannot be renewed: connection refused; it ends in 120 s, trying again in 1 s\n$/,
    );
    await clock.advance(2_000);
    assert.deepEqual(seen, ['b']);
  }
  assert.equal(clock.pending, 0);
});
