import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from './message-of.ts';

test('messageOf() says what a failure says, also one that is no error', () => {
  assert.equal(messageOf(new RangeError('too far')), 'too far');
  assert.equal(messageOf('gone'), 'gone');
  assert.equal(messageOf(undefined), 'undefined');
});
