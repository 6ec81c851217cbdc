import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { stringifyJson } from './json-text.ts';
import type { JsonObject } from './json-value.ts';
import type { Schema } from './schema.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const text: Schema = { type: 'string' };
const scalars: Schema = { type: 'array', items: text, patchStrategy: ['merge'] };
const item: Schema = {
  type: 'object',
  properties: new Map<string, Schema>([
    ['name', text],
    ['value', text],
    ['tags', scalars],
    ['inner', { type: 'object', properties: new Map([['a', text]]) }],
    [
      'ports',
      { type: 'array', patchStrategy: ['merge'], patchMergeKey: 'port', items: { type: 'object' } },
    ],
  ]),
};
const schema: Schema = {
  type: 'object',
  properties: new Map<string, Schema>([
    ['list', { type: 'array', items: item, patchStrategy: ['merge'], patchMergeKey: 'name' }],
    ['keyless', { type: 'array', items: item, patchStrategy: ['merge'] }],
    ['atomic', { type: 'array', items: item }],
    ['scalars', scalars],
    ['strategy', { type: 'object', patchStrategy: ['retainKeys'] }],
    ['whole', { type: 'object', patchStrategy: ['replace'] }],
    ['labels', { type: 'object', additionalProperties: text }],
  ]),
};

interface Case {
  readonly title: string;
  readonly live: JsonObject;
  readonly patch: JsonObject;
  readonly result: JsonObject;
}

const cases: readonly Case[] = [
  { title: 'adds a field', live: { a: 1 }, patch: { b: 2 }, result: { a: 1, b: 2 } },
  { title: 'changes a scalar', live: { a: 1 }, patch: { a: 2 }, result: { a: 2 } },
  {
    title: 'takes integers for numbers, however long',
    live: { scalars: [1] },
    patch: { scalars: [2n ** 53n + 1n] },
    result: { scalars: [2n ** 53n + 1n, 1] },
  },
  { title: 'removes by null', live: { a: 1, b: 2 }, patch: { a: null, c: null }, result: { b: 2 } },
  {
    title: 'merges objects',
    live: { labels: { a: '1', b: '2' } },
    patch: { labels: { b: null, c: '3' } },
    result: { labels: { a: '1', c: '3' } },
  },
  {
    title: 'drops nulls of what is new',
    live: {},
    patch: { labels: { a: null, b: { c: null } } },
    result: { labels: { b: {} } },
  },
  {
    title: '$patch: replace in an object',
    live: { labels: { a: '1' } },
    patch: { labels: { $patch: 'replace', b: '2' } },
    result: { labels: { b: '2' } },
  },
  {
    title: '$patch: delete in an object',
    live: { labels: { a: '1' } },
    patch: { labels: { $patch: 'delete' } },
    result: { labels: {} },
  },
  {
    title: '$patch: delete of what is not there',
    live: {},
    patch: { labels: { $patch: 'delete' } },
    result: {},
  },
  {
    title: '$patch: merge in an object',
    live: { labels: { a: '1' } },
    patch: { labels: { $patch: 'merge', b: '2' } },
    result: { labels: { a: '1', b: '2' } },
  },
  {
    title: '$patch: replace at the top',
    live: { a: 1 },
    patch: { $patch: 'replace', b: 2 },
    result: { b: 2 },
  },
  {
    title: 'a field of strategy replace',
    live: { whole: { a: 1 } },
    patch: { whole: { b: 2 } },
    result: { whole: { b: 2 } },
  },
  {
    title: 'another type replaces',
    live: { labels: { a: '1' } },
    patch: { labels: 'x' },
    result: { labels: 'x' },
  },
  {
    title: 'another type replaces, without directives',
    live: { labels: 'x' },
    patch: { labels: { $retainKeys: ['a'], a: '1' } },
    result: { labels: { a: '1' } },
  },
  {
    title: '$retainKeys drops the rest',
    live: { strategy: { type: 'A', rolling: { x: 1 } } },
    patch: { strategy: { $retainKeys: ['type'], type: 'B' } },
    result: { strategy: { type: 'B' } },
  },
  {
    title: '$retainKeys keeps what it names',
    live: { strategy: { a: 1, b: 2, c: 3 } },
    patch: { strategy: { $retainKeys: ['a', 'b'], b: 4 } },
    result: { strategy: { a: 1, b: 4 } },
  },
  {
    title: 'a list without a strategy is replaced',
    live: { atomic: [{ name: 'a' }, { name: 'b' }] },
    patch: { atomic: [{ name: 'c' }] },
    result: { atomic: [{ name: 'c' }] },
  },
  {
    title: 'an unknown list is replaced',
    live: { other: [1, 2] },
    patch: { other: [3] },
    result: { other: [3] },
  },
  {
    title: 'merges a list by its key',
    live: {
      list: [
        { name: 'a', value: '1' },
        { name: 'b', value: '2' },
      ],
    },
    patch: { list: [{ name: 'b', value: '3' }] },
    result: {
      list: [
        { name: 'a', value: '1' },
        { name: 'b', value: '3' },
      ],
    },
  },
  {
    title: 'a new element goes before what follows in the live list',
    live: { list: [{ name: 'a' }, { name: 'b' }] },
    patch: { list: [{ name: 'c', value: '1' }] },
    result: { list: [{ name: 'c', value: '1' }, { name: 'a' }, { name: 'b' }] },
  },
  {
    title: 'merges objects inside elements',
    live: { list: [{ name: 'a', inner: { a: '1', b: '2' } }] },
    patch: { list: [{ name: 'a', inner: { b: null, c: '3' } }] },
    result: { list: [{ name: 'a', inner: { a: '1', c: '3' } }] },
  },
  {
    title: 'merges lists inside elements',
    live: { list: [{ name: 'a', tags: ['x', 'y'] }] },
    patch: { list: [{ name: 'a', tags: ['y', 'z'] }] },
    result: { list: [{ name: 'a', tags: ['x', 'y', 'z'] }] },
  },
  {
    title: '$patch: delete of all elements with the key',
    live: { list: [{ name: 'a' }, { name: 'b' }, { name: 'a', value: '2' }] },
    patch: { list: [{ name: 'a', $patch: 'delete' }] },
    result: { list: [{ name: 'b' }] },
  },
  {
    title: '$patch: delete of the last element',
    live: { list: [{ name: 'a' }] },
    patch: { list: [{ name: 'a', $patch: 'delete' }] },
    result: { list: [] },
  },
  {
    title: '$patch: replace in a list',
    live: { list: [{ name: 'a' }, { name: 'b' }] },
    patch: { list: [{ name: 'c', value: '1' }, { $patch: 'replace' }] },
    result: { list: [{ name: 'c', value: '1' }] },
  },
  {
    title: '$patch: replace with nothing',
    live: { list: [{ name: 'a' }] },
    patch: { list: [{ $patch: 'replace' }] },
    result: { list: [] },
  },
  {
    title: '$patch: replace of one element',
    live: { list: [{ name: 'a', inner: { a: '1' } }] },
    patch: { list: [{ name: 'a', inner: { $patch: 'replace', b: '2' } }] },
    result: { list: [{ name: 'a', inner: { b: '2' } }] },
  },
  {
    title: 'deletions in a list that is new are dropped',
    live: {},
    patch: {
      list: [
        { name: 'a', $patch: 'delete' },
        { name: 'b', value: null },
      ],
    },
    result: { list: [{ name: 'b' }] },
  },
  {
    title: 'numbers as keys compare by value',
    live: { list: [{ name: 'a', ports: [{ port: 80, x: 1 }] }] },
    patch: { list: [{ name: 'a', ports: [{ port: 80, x: 2 }, { port: 81 }] }] },
    result: { list: [{ name: 'a', ports: [{ port: 80, x: 2 }, { port: 81 }] }] },
  },
  {
    title: 'adds scalars once',
    live: { scalars: ['a', 'b'] },
    patch: { scalars: ['b', 'c'] },
    result: { scalars: ['a', 'b', 'c'] },
  },
  {
    title: '$deleteFromPrimitiveList removes scalars',
    live: { scalars: ['a', 'b', 'a', 'c'] },
    patch: { '$deleteFromPrimitiveList/scalars': ['a', 'x'] },
    result: { scalars: ['b', 'c'] },
  },
  {
    title: '$deleteFromPrimitiveList of what is not there',
    live: {},
    patch: { '$deleteFromPrimitiveList/scalars': ['a'] },
    result: {},
  },
  {
    title: '$setElementOrder alone reorders',
    live: { list: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
    patch: { '$setElementOrder/list': [{ name: 'c' }, { name: 'a' }, { name: 'b' }] },
    result: { list: [{ name: 'c' }, { name: 'a' }, { name: 'b' }] },
  },
  {
    title: '$setElementOrder keeps elements it does not know in their place',
    live: { list: [{ name: 'x' }, { name: 'a' }, { name: 'y' }, { name: 'b' }] },
    patch: {
      '$setElementOrder/list': [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
      list: [{ name: 'c', value: '1' }],
    },
    result: {
      list: [{ name: 'x' }, { name: 'a' }, { name: 'y' }, { name: 'b' }, { name: 'c', value: '1' }],
    },
  },
  {
    title: '$setElementOrder with a change and a deletion',
    live: { list: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
    patch: {
      '$setElementOrder/list': [{ name: 'c' }, { name: 'a' }],
      list: [
        { name: 'a', value: '1' },
        { name: 'b', $patch: 'delete' },
      ],
    },
    result: { list: [{ name: 'c' }, { name: 'a', value: '1' }] },
  },
  {
    title: '$setElementOrder of scalars',
    live: { scalars: ['a', 'b', 'c'] },
    patch: {
      '$setElementOrder/scalars': ['c', 'd', 'a'],
      scalars: ['d'],
      '$deleteFromPrimitiveList/scalars': ['b'],
    },
    result: { scalars: ['c', 'd', 'a'] },
  },
  {
    title: '$setElementOrder of a new list',
    live: {},
    patch: {
      '$setElementOrder/list': [{ name: 'b' }, { name: 'a' }],
      list: [{ name: 'b' }, { name: 'a' }],
    },
    result: { list: [{ name: 'b' }, { name: 'a' }] },
  },
  {
    title: '$setElementOrder of no list',
    live: {},
    patch: { '$setElementOrder/list': [{ name: 'a' }] },
    result: {},
  },
  {
    title: '$setElementOrder of a list that goes',
    live: { list: [{ name: 'a' }] },
    patch: { '$setElementOrder/list': [{ name: 'a' }], list: null },
    result: {},
  },
];

test('applyStrategicMergePatch() follows the rules', () => {
  for (const { title, live, patch, result } of cases) {
    const before = stringifyJson([live, patch]);
    const outcome = applyStrategicMergePatch(live, patch, schema);
    assert.deepEqual(outcome, { kind: 'patched', value: result }, title);
    assert.equal(stringifyJson([live, patch]), before, title);
  }
});

test('applyStrategicMergePatch() refuses what it cannot obey', () => {
  const refusals: readonly (readonly [JsonObject, JsonObject, 'malformed' | 'refused', RegExp])[] =
    [
      [{}, { $patch: 'x' }, 'malformed', /unknown patch type: "x" in map/],
      [
        { list: [] },
        { list: [{ name: 'a', $patch: 'x' }] },
        'malformed',
        /unknown patch type: "x" in list/,
      ],
      [{ list: [] }, { list: [{ name: 'a', $patch: 'merge' }] }, 'malformed', /merging lists/],
      [{ strategy: {} }, { strategy: { $retainKeys: ['a'], b: 1 } }, 'malformed', /of retainKeys/],
      [{ strategy: {} }, { strategy: { $retainKeys: 'a' } }, 'malformed', /of retainKeys/],
      [
        { list: [{ name: 'a' }] },
        { list: [{ value: '1' }] },
        'refused',
        /does not contain declared merge key: name/,
      ],
      [{ list: [{ value: 'a' }] }, { list: [{ name: '1' }] }, 'refused', /declared merge key/],
      [
        { list: [{ name: 'a' }] },
        { list: [{ $patch: 'delete' }] },
        'refused',
        /declared merge key/,
      ],
      [{ keyless: [{ name: 'a' }] }, { keyless: [{ name: 'b' }] }, 'refused', /without merge key/],
      [
        { list: [{ name: 'a' }] },
        { list: ['a'] },
        'refused',
        /types are not identical: object, string/,
      ],
      [{ scalars: [['a']] }, { scalars: [['b']] }, 'refused', /lists of lists/],
      [
        { scalars: ['a'] },
        { '$deleteFromPrimitiveList/scalars': 'a' },
        'malformed',
        /primitive list/,
      ],
      [{ list: [] }, { '$setElementOrder/list': 'a' }, 'malformed', /setElementOrder/],
      [
        { list: [{ name: 'a' }] },
        {
          '$setElementOrder/list': [{ name: 'a' }, { name: 'b' }],
          list: [{ name: 'b' }, { name: 'a' }],
        },
        'malformed',
        /doesn't match \$setElementOrder/,
      ],
    ];
  for (const [live, patch, kind, problem] of refusals) {
    const outcome = applyStrategicMergePatch(live, patch, schema);
    assert.equal(outcome.kind, kind, JSON.stringify(patch));
    assert.match(outcome.problem, problem);
  }
});

test('applyStrategicMergePatch() shares nothing with its input and pollutes nothing', () => {
  const live = { list: [{ name: 'a', inner: { a: '1' } }], atomic: [{ name: 'x' }] };
  const patch = JSON.parse('{"__proto__":{"polluted":1},"atomic":[{"name":"y"}]}') as JsonObject;
  const outcome = applyStrategicMergePatch(live, patch, schema);
  assert.equal(outcome.kind, 'patched');
  if (outcome.kind !== 'patched') return;
  assert.equal(
    JSON.stringify(outcome.value),
    '{"list":[{"name":"a","inner":{"a":"1"}}],"atomic":[{"name":"y"}],"__proto__":{"polluted":1}}',
  );
  assert.notEqual(outcome.value['list'], live.list);
  assert.notEqual(outcome.value['atomic'], patch['atomic']);
});

test('applyStrategicMergePatch() never throws', () => {
  const { value } = fc.letrec<{ value: JsonObject }>((tie) => ({
    value: fc.dictionary(
      fc.constantFrom(
        'list',
        'scalars',
        'labels',
        'name',
        '$patch',
        '$retainKeys',
        '$setElementOrder/list',
        '$deleteFromPrimitiveList/scalars',
      ),
      fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('replace', 'delete', 'a', null, 1),
        tie('value'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.array(fc.constantFrom('a', 'b')),
      ),
      { noNullPrototype: true, maxKeys: 4 },
    ) as fc.Arbitrary<JsonObject>,
  }));
  fc.assert(
    fc.property(value, value, (live, patch) => {
      applyStrategicMergePatch(live, patch, schema);
    }),
    { numRuns: 500 },
  );
});

test('applyStrategicMergePatch() bounds the work of naming one element many times', () => {
  const tags = Array.from({ length: 1_000 }, (_, index) => `t${index}`);
  const live = { list: [{ name: 'a', tags }], labels: {} };
  const changes: readonly JsonObject[] = [
    { name: 'a', tags: ['t0'] },
    { name: 'a', '$setElementOrder/tags': ['t0'] },
    { name: 'a', '$deleteFromPrimitiveList/tags': ['x'] },
  ];
  for (const change of changes) {
    const patch = { list: Array.from({ length: 40 }, () => change) };
    assert.equal(applyStrategicMergePatch(live, patch, schema).kind, 'patched');
    const outcome = applyStrategicMergePatch(live, patch, schema, { stepsMax: 39_000 });
    assert.equal(outcome.kind, 'too large', JSON.stringify(change));
  }
  const narrow = { labels: {} };
  const many = { labels: Object.fromEntries(tags.map((tag) => [tag, ''])) };
  const brought = applyStrategicMergePatch(narrow, many, schema, { stepsMax: 999 });
  assert.equal(brought.kind, 'too large');
  const wide = { labels: Object.fromEntries(tags.map((tag) => [tag, ''])) };
  const outcome = applyStrategicMergePatch(wide, { labels: {} }, schema, { stepsMax: 999 });
  assert.equal(outcome.kind, 'too large');
});

test('applyStrategicMergePatch() copies what is deep once', () => {
  const nest = (inner: string): JsonObject =>
    JSON.parse(`${'{"a":'.repeat(900)}${inner}${'}'.repeat(900)}`) as JsonObject;
  const wide = JSON.stringify(Array.from({ length: 50_000 }, () => ''));
  const before = process.cpuUsage();
  applyStrategicMergePatch(nest(wide), nest('{"b":1}'), undefined);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 2_000_000, `${(user + system) / 1_000} ms`);
});
