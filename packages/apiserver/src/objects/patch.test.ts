import { deepEqual, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { builtInSchemas } from '@fairway/kinds/schema';
import { ApiError } from '@fairway/protocol';
import type { ExpectedObject } from '../content/expected-object.ts';
import { patchTypes } from './patch.ts';

const stored = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', finalizers: ['a/b'] },
  data: { a: 'b' },
};
const schema = builtInSchemas().lookup('v1', 'ConfigMap');

function apply(type: string, patch: unknown): unknown {
  const found = patchTypes.get(`application/${type}+json`);
  ok(found !== undefined && schema !== undefined);
  return found.apply({ stored, patch, expected: { schema } as ExpectedObject });
}

const tooMany = Array.from({ length: 20_000 }, () => ({ op: 'test', path: '/kind', value: 'x' }));

const refusals: readonly (readonly [what: string, type: string, patch: unknown, code: number])[] = [
  ['operations that are none', 'json-patch', { op: 'add' }, 400],
  ['too many operations', 'json-patch', tooMany, 413],
  ['an operation on what is absent', 'json-patch', [{ op: 'remove', path: '/x' }], 422],
  ['operations that leave no object', 'json-patch', [{ op: 'replace', path: '', value: 5 }], 422],
  ['a merge that is a list', 'merge-patch', [], 400],
  [
    'a strategic merge of lists of lists',
    'strategic-merge-patch',
    { metadata: { finalizers: [['a']] } },
    422,
  ],
  ['a strategic merge that is a list', 'strategic-merge-patch', [], 400],
  [
    'an order to a strategic merge that it does not know',
    'strategic-merge-patch',
    { $patch: 'x' },
    400,
  ],
];

for (const [what, type, patch, code] of refusals) {
  test(`a patch is refused: ${what}`, () => {
    throws(
      () => apply(type, patch),
      (error) => {
        deepEqual(error instanceof ApiError && error.code, code);
        return true;
      },
    );
  });
}

test('a patch is refused: a strategic merge that goes through too much', () => {
  const env = Array.from({ length: 2_000 }, (_, at) => ({ name: `e${at}`, value: 'v' }));
  const containers = [{ name: 'c', image: 'i', env }];
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers } };
  const often = Array.from({ length: 300 }, () => ({ name: 'c', env: [{ name: 'e0' }] }));
  const expected = { schema: builtInSchemas().lookup('v1', 'Pod') } as ExpectedObject;
  const strategic = patchTypes.get('application/strategic-merge-patch+json');
  throws(
    () => strategic?.apply({ stored: pod, patch: { spec: { containers: often } }, expected }),
    (error) => error instanceof ApiError && error.code === 413,
  );
});

test('the stored object stays as it was', () => {
  deepEqual(apply('merge-patch', { data: { a: null, c: 'd' } }), { ...stored, data: { c: 'd' } });
  deepEqual(stored.data, { a: 'b' });
});
