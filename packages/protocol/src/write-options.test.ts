import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ApiError } from './api-error.ts';
import {
  type PatchOptions,
  formatWriteOptions,
  parseCreateOptions,
  parseDeleteOptions,
  parsePatchOptions,
  parseUpdateOptions,
} from './write-options.ts';

test('parseCreateOptions() and parseUpdateOptions() name what they refuse', () => {
  assert.deepEqual(parseCreateOptions('dryRun=All&fieldManager=me&fieldValidation=Strict&x=1'), {
    dryRun: ['All'],
    fieldManager: 'me',
    fieldValidation: 'Strict',
  });
  assert.deepEqual(
    statusOf(() => parseCreateOptions('dryRun=X')),
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["X"]: supported values: "All"',
      reason: 'Invalid',
      details: {
        group: 'meta.k8s.io',
        kind: 'CreateOptions',
        causes: [
          {
            reason: 'FieldValueNotSupported',
            message: 'Unsupported value: ["X"]: supported values: "All"',
            field: 'dryRun',
          },
        ],
      },
      code: 422,
    },
  );
  assert.throws(() => parseUpdateOptions('fieldValidation=x'), {
    message:
      'UpdateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "x": supported values: "", "Ignore", "Strict", "Warn"',
  });
  assert.throws(() => parseUpdateOptions('fieldManager=a%0Ab'), {
    message:
      'UpdateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\nb": invalid character U+000A (at position 1)',
  });
  assert.throws(
    () => parseUpdateOptions(`fieldManager=${'a'.repeat(129)}`),
    /may not be more than 128/,
  );
});

test('parsePatchOptions() wants a manager for apply, and force for nothing else', () => {
  assert.deepEqual(parsePatchOptions('fieldManager=m&force=true', { isApply: true }), {
    fieldManager: 'm',
    force: true,
  });
  assert.throws(() => parsePatchOptions('', { isApply: true }), {
    message:
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  });
  assert.throws(() => parsePatchOptions('force=1', { isApply: false }), {
    message:
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
  });
});

test('parseDeleteOptions() reads the body, or the query when there is none', () => {
  const query = 'gracePeriodSeconds=0&propagationPolicy=Orphan&dryRun=All';
  assert.deepEqual(parseDeleteOptions({ query, body: undefined }), {
    dryRun: ['All'],
    gracePeriodSeconds: 0,
    propagationPolicy: 'Orphan',
  });
  const body = {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    gracePeriodSeconds: 5,
    orphanDependents: null,
    preconditions: { uid: 'u', resourceVersion: '1' },
  };
  assert.deepEqual(parseDeleteOptions({ query, body }), {
    gracePeriodSeconds: 5,
    preconditions: { uid: 'u', resourceVersion: '1' },
  });
});

test('parseDeleteOptions() takes an empty list of dry runs for none', () => {
  assert.deepEqual(parseDeleteOptions({ query: '', body: { dryRun: [] } }), {});
});

test('parseDeleteOptions() names what it refuses', () => {
  assert.throws(() => parseDeleteOptions({ query: 'propagationPolicy=Bogus', body: undefined }), {
    code: 422,
    message:
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Bogus": supported values: "Foreground", "Background", "Orphan", "nil"',
  });
  const both = { propagationPolicy: 'Orphan', orphanDependents: true };
  assert.throws(() => parseDeleteOptions({ query: '', body: both }), /cannot be both set/);
  for (const body of [[], 'x', { kind: 'Pod' }, { gracePeriodSeconds: 'x' }, { dryRun: [1] }]) {
    assert.throws(() => parseDeleteOptions({ query: '', body }), { name: 'ApiError', code: 400 });
  }
});

test('write options survive writing and reading', () => {
  const options: fc.Arbitrary<PatchOptions> = fc.record(
    {
      dryRun: fc.constant(['All']),
      fieldManager: fc.stringMatching(/^[ -~]{1,60}$/),
      fieldValidation: fc.constantFrom('Strict' as const, 'Warn' as const, 'Ignore' as const),
      force: fc.boolean(),
    },
    { requiredKeys: ['fieldManager'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(options, (expected) => {
      assert.deepEqual(
        parsePatchOptions(formatWriteOptions(expected), { isApply: true }),
        expected,
      );
    }),
  );
});

test('parseDeleteOptions() throws nothing but an ApiError', () => {
  const field = fc.constantFrom(
    'dryRun',
    'preconditions',
    'gracePeriodSeconds',
    'kind',
    'orphanDependents',
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue())), (body) => {
      try {
        parseDeleteOptions({ query: '', body });
      } catch (error) {
        assert.ok(error instanceof ApiError);
      }
    }),
  );
});

function statusOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error instanceof ApiError ? error.status : error;
  }
}
