import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyMergePatch } from './merge-patch.ts';
import type { JsonObject } from './json-value.ts';
import type { Schema } from './schema.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';
import { threeWayPatch } from './three-way-patch.ts';

const text: Schema = { type: 'string' };
const elements: Schema = {
  type: 'array',
  patchStrategy: ['merge'],
  patchMergeKey: 'name',
  items: {
    type: 'object',
    properties: new Map([
      ['name', text],
      ['value', text],
    ]),
  },
};
const schema: Schema = {
  type: 'object',
  properties: new Map<string, Schema>([
    ['list', elements],
    ['tags', { type: 'array', patchStrategy: ['merge'], items: text }],
    ['atomic', { type: 'array', items: text }],
    ['kept', { type: 'object', patchStrategy: ['retainKeys'] }],
    ['whole', { type: 'object', patchStrategy: ['replace'] }],
    ['map', { type: 'object', additionalProperties: text }],
  ]),
};

interface Case {
  readonly title: string;
  readonly original?: JsonObject;
  readonly modified: JsonObject;
  readonly current: JsonObject;
  readonly patch: JsonObject;
  readonly result: JsonObject;
}

const cases: readonly Case[] = [
  {
    title: 'nothing to do',
    original: { map: { a: '1' }, list: [{ name: 'absent' }] },
    modified: { map: { a: '1' }, list: [{ name: 'x' }] },
    current: { map: { a: '1', other: '2' }, list: [{ name: 'w' }, { name: 'x', value: 'theirs' }] },
    patch: {},
    result: { map: { a: '1', other: '2' }, list: [{ name: 'w' }, { name: 'x', value: 'theirs' }] },
  },
  {
    title: 'fields come, change and go, and those of others stay',
    original: { map: { gone: '1', a: '1', absent: '1' } },
    modified: { map: { a: '2', fresh: '3' } },
    current: { map: { gone: '1', a: '1', other: '4' } },
    patch: { map: { a: '2', fresh: '3', gone: null } },
    result: { map: { a: '2', fresh: '3', other: '4' } },
  },
  {
    title: 'elements merge by their key',
    original: { list: [{ name: 'gone' }, { name: 'x', value: '1' }] },
    modified: { list: [{ name: 'fresh', value: '0' }, { name: 'x' }] },
    current: { list: [{ name: 'other' }, { name: 'gone' }, { name: 'x', value: '1' }] },
    patch: {
      list: [
        { name: 'fresh', value: '0' },
        { name: 'x', value: null },
        { $patch: 'delete', name: 'gone' },
      ],
      '$setElementOrder/list': [{ name: 'fresh' }, { name: 'x' }],
    },
    result: { list: [{ name: 'fresh', value: '0' }, { name: 'other' }, { name: 'x' }] },
  },
  {
    title: 'elements that changed places',
    modified: { list: [{ name: 'b' }, { name: 'a' }] },
    current: { list: [{ name: 'a' }, { name: 'b' }] },
    patch: { '$setElementOrder/list': [{ name: 'b' }, { name: 'a' }] },
    result: { list: [{ name: 'b' }, { name: 'a' }] },
  },
  {
    title: 'scalars come and go one by one',
    original: { tags: ['gone', 'a'] },
    modified: { tags: ['a', 'fresh'] },
    current: { tags: ['other', 'gone', 'a'] },
    patch: {
      tags: ['fresh'],
      '$deleteFromPrimitiveList/tags': ['gone'],
      '$setElementOrder/tags': ['a', 'fresh'],
    },
    result: { tags: ['other', 'a', 'fresh'] },
  },
  {
    title: 'what does not merge is replaced',
    modified: { atomic: ['b'], whole: { a: 1, b: 1 }, kept: { b: 1 } },
    current: { atomic: ['a', 'b'], whole: { a: 1, c: 1 }, kept: { a: 1 } },
    patch: { atomic: ['b'], whole: { a: 1, b: 1 }, kept: { b: 1, $retainKeys: ['b'] } },
    result: { atomic: ['b'], whole: { a: 1, b: 1 }, kept: { b: 1 } },
  },
  {
    title: 'null takes away, and adds nothing',
    modified: { map: { a: null, absent: null } },
    current: { map: { a: '1' } },
    patch: { map: { a: null } },
    result: { map: {} },
  },
];

for (const { title, original = {}, modified, current, patch, result } of cases) {
  test(`threeWayPatch() of ${title}`, () => {
    const made = threeWayPatch({ original, modified, current }, schema);
    assert.deepEqual(made, patch);
    const outcome = applyStrategicMergePatch(current, made, schema);
    assert.deepEqual(outcome, { kind: 'patched', value: result });
    // What was reached stays.
    assert.deepEqual(threeWayPatch({ original: modified, modified, current: result }, schema), {});
  });
}

test('threeWayPatch() without a schema replaces lists, as a merge patch does', () => {
  const ways = {
    original: { a: [1], gone: { b: 1 } },
    modified: { a: [1], c: { d: 1 } },
    current: { a: [2, 1], gone: { b: 1 }, c: { e: 1 } },
  };
  const patch = threeWayPatch(ways, undefined);
  assert.deepEqual(patch, { a: [1], c: { d: 1 }, gone: null });
  assert.deepEqual(applyMergePatch(ways.current, patch), { a: [1], c: { d: 1, e: 1 } });
});
