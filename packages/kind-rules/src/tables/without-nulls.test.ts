import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { withoutNulls } from './without-nulls.ts';

test('withoutNulls() leaves out null fields and items at any depth that tables look into', () => {
  const object = { a: null, b: [{ c: null, d: 0 }, null, false], e: { f: { g: '' } } };
  deepEqual(withoutNulls(object), { b: [{ d: 0 }, false], e: { f: { g: '' } } });
});

test('withoutNulls() copies nothing when there is no null', () => {
  const object = { a: [{ b: 1 }], metadata: { managedFields: [{ time: null }] } };
  equal(withoutNulls(object), object);
});

test('withoutNulls() looks twelve levels deep', () => {
  const nested = (levels: number): object =>
    JSON.parse(`${'{"a":'.repeat(levels)}null${'}'.repeat(levels)}`);
  notEqual(JSON.stringify(withoutNulls(nested(12))), JSON.stringify(nested(12)));
  deepEqual(withoutNulls(nested(14)), nested(14));
});

test('withoutNulls() does not follow an object without end', () => {
  const json = `${'{"a":'.repeat(5000)}null${'}'.repeat(5000)}`;
  const deep = JSON.parse(json) as object;
  equal(withoutNulls(deep), deep);
});
