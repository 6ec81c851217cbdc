import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequestTimeout } from './parse-request-timeout.ts';

test('parseRequestTimeout() reads seconds and units', () => {
  const cases: [string, number | undefined | 'malformed'][] = [
    ['0', undefined],
    ['0s', undefined],
    ['30', 30_000],
    ['500ms', 500],
    ['1.5s', 1500],
    ['1h30m', 5_400_000],
    ['', 'malformed'],
    ['-1', 'malformed'],
    ['5d', 'malformed'],
    ['1 s', 'malformed'],
    ['999999999', 'malformed'],
  ];
  for (const [text, expected] of cases) assert.equal(parseRequestTimeout(text), expected, text);
});
