import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@fairway/protocol';
import { isNamespaceTerminating } from './api-error-guards.ts';

const refusal = (code: number, reason: string, cause: string): ApiError =>
  new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'refused',
    reason,
    code,
    details: { causes: [{ reason: cause, message: 'it is going', field: 'metadata.namespace' }] },
  });

test('isNamespaceTerminating() tells why a create was forbidden', () => {
  assert.ok(isNamespaceTerminating(refusal(403, 'Forbidden', 'NamespaceTerminating')));
  assert.ok(!isNamespaceTerminating(refusal(403, 'Forbidden', 'FieldValueForbidden')));
  assert.ok(!isNamespaceTerminating(refusal(409, 'Conflict', 'NamespaceTerminating')));
  assert.ok(!isNamespaceTerminating(new Error('NamespaceTerminating')));
});
