import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { ConnectionError } from '@fairway/client';
import { badRequest } from '@fairway/protocol';
import { lineLogger } from './line-logger.ts';

test('lineLogger() writes a stack for what nobody expected only', () => {
  let written = '';
  const output = {
    write: async () => {},
    writeStyled: async () => {},
    passOn: async () => {},
    hasColors: false,
    writeError: async (text: string) => void (written += text),
  };
  const logger = lineLogger(output, new ManualClock());
  const expected = [
    new ConnectionError({ problem: 'refused', message: 'https://a: cut' }),
    badRequest('wrong'),
  ];
  for (const error of expected) logger.error('response cut off', { error });
  assert.doesNotMatch(written, / at /);
  assert.equal(written.trimEnd().split('\n').length, 2);
  logger.error('request failed', { error: new TypeError('x is not a function') });
  assert.match(written, /TypeError: x is not a function.* at /);
});
