import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internalError } from './api-error.ts';

test('internalError() says the cause beside the message, and neither at any length', () => {
  const { status, code } = internalError('no way');
  assert.equal(code, 500);
  assert.equal(status.message, 'Internal error occurred: no way');
  assert.deepEqual(status.details, { causes: [{ message: 'no way' }] });
  const long = internalError('x'.repeat(1024 * 1024)).status;
  assert.ok(JSON.stringify(long).length < 300_000);
});
