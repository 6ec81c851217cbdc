import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MatchedRequest } from '../matching/request-matcher.ts';
import type { Hook } from './hooks.ts';
import { requireDryRun } from './webhook-request.ts';

test('a dry run is refused for a webhook of before that might do something', () => {
  const hookOf = (sideEffects: string): Hook =>
    ({ webhook: { name: 'a.example.com', sideEffects } }) as Hook;
  const dryRun = { options: { dryRun: ['All'] } } as unknown as MatchedRequest;
  for (const sideEffects of ['Some', 'Unknown']) {
    assert.throws(() => requireDryRun(hookOf(sideEffects), dryRun), {
      message: 'admission webhook "a.example.com" does not support dry run',
      code: 400,
    });
    requireDryRun(hookOf(sideEffects), { options: {} } as MatchedRequest);
  }
  for (const sideEffects of ['None', 'NoneOnDryRun']) requireDryRun(hookOf(sideEffects), dryRun);
});
