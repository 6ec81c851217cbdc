import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putInPlace } from './put-in-place.ts';

test('putInPlace() makes the draft the object, whatever its fields are called', () => {
  const draft = { metadata: { name: 'a' }, data: { k: 'v' } };
  const object = JSON.parse('{"kind":"ConfigMap","__proto__":{"polluted":true}}') as object;
  putInPlace(draft, object);
  assert.deepEqual(Object.keys(draft).toSorted(), ['__proto__', 'kind', 'metadata']);
  assert.equal(Object.getPrototypeOf(draft), Object.prototype);
  assert.deepEqual(draft.metadata, {});
});
