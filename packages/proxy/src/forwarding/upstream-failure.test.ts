import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError, type ConnectionProblem } from '@fairway/client';
import { ApiError } from '@fairway/protocol';
import { upstreamFailure } from './upstream-failure.ts';

const { signal } = new AbortController();

for (const [problem, sent, code, retryAfterSeconds] of [
  ['refused', 'unsent', 503, 1],
  ['dns', 'unsent', 503, 1],
  ['unreachable', 'unsent', 503, 1],
  ['reset', 'unsent', 503, 1],
  ['reset', 'GET', 502, undefined],
  ['reset', 'POST', 502, undefined],
  ['timeout', 'unsent', 504, 1],
  ['timeout', 'GET', 504, 1],
  ['timeout', 'POST', 504, undefined],
  ['tls-untrusted', 'unsent', 502, undefined],
  ['tls-client-certificate', 'unsent', 502, undefined],
  ['plain-http', 'unsent', 502, undefined],
  ['malformed-answer', 'GET', 502, undefined],
] as const satisfies readonly [ConnectionProblem, string, number, number | undefined][]) {
  test(`upstreamFailure() tells of ${problem}, ${sent}, by ${code}`, () => {
    const isUnsent = sent === 'unsent';
    const remedy = 'do this';
    const failure = new ConnectionError({ problem, message: 'a: it happened', remedy, isUnsent });
    const told = upstreamFailure(failure, { method: isUnsent ? 'POST' : sent, signal });
    assert.ok(told instanceof ApiError);
    assert.equal(told.code, code);
    assert.equal(told.status.details?.retryAfterSeconds, retryAfterSeconds);
    assert.match(told.message, /it happened; do this$/);
  });
}

test('upstreamFailure() leaves what is no fault of the cluster as it is', () => {
  const failure = new TypeError('x');
  assert.equal(upstreamFailure(failure, { method: 'GET', signal }), failure);
  const away = new ConnectionError({ problem: 'reset', message: 'x' });
  assert.equal(upstreamFailure(away, { method: 'GET', signal: AbortSignal.abort() }), away);
});
