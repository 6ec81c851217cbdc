import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFieldPath, valuesAt } from './field-path.ts';

const object = {
  metadata: {
    labels: { 'a.b/c': 'yes', 'with "quotes"': 'too' },
    ownerReferences: [{ kind: 'Job' }, { kind: 'Other' }],
  },
  status: {
    phase: null,
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False' },
    ],
  },
};

test('valuesAt() finds what paths of jq lead to', () => {
  const cases: readonly (readonly [string, readonly unknown[]])[] = [
    ['.metadata.labels["a.b/c"]', ['yes']],
    ['.metadata.labels.["a.b/c"]', ['yes']],
    [String.raw`.metadata.labels["with \"quotes\""]`, ['too']],
    ['.metadata.ownerReferences[].kind', ['Job', 'Other']],
    ['.metadata.ownerReferences.[].kind', ['Job', 'Other']],
    ['.status.conditions.[] | select( .type == "Ready" ) | .status', ['True']],
    ['.status.conditions[]|select(.type=="Ready")|.status', ['True']],
    ['.status.conditions[] | select(.type == "None") | .status', []],
    ['.status.phase', []],
    ['.metadata.labels.none.deeper', []],
    ['.metadata.labels.__proto__', []],
  ];
  for (const [path, wanted] of cases) {
    assert.deepEqual(valuesAt(parseFieldPath(path), object), wanted, path);
  }
});

test('parseFieldPath() refuses the rest of jq, and says where', () => {
  const cases = [
    ['', '""'],
    ['status.phase', '"status.phase"'],
    ['.a | length', '"| length"'],
    ['.a[0]', '"[0]"'],
    ['.a | select(.b > 1)', '"select(.b > 1)"'],
    ['.a..b', '"..b"'],
    ['.a.', '"."'],
    [`.a["b]`, '"[\\"b]"'],
  ] as const;
  for (const [path, at] of cases) {
    assert.throws(
      () => parseFieldPath(path),
      (error) => error instanceof RangeError && error.message.includes(`is no path at ${at}:`),
      path,
    );
  }
});
