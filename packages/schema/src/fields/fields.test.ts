import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@fairway/protocol';
import { checkApplied, isOwnable } from './check-applied.ts';
import { compareFields } from './compare-fields.ts';
import { exampleSchema as schema } from './example-schema.ts';
import { FieldSet } from './field-set.ts';
import { decodeFieldsV1, encodeFieldsV1 } from './fields-v1.ts';
import { appliedFields, fitToSchema, wholeFields } from './fields-of.ts';
import { mergeApplied } from './merge-applied.ts';
import { formatPath } from './path-element.ts';
import { removeFields } from './remove-fields.ts';
import { touchesFields } from './touches-fields.ts';
import { zeroObject } from './zero-object.ts';

function decoded(fieldsV1: JsonObject): FieldSet {
  const set = decodeFieldsV1(fieldsV1);
  ok(set !== undefined);
  return set;
}

function encoded(set: FieldSet): JsonObject {
  return JSON.parse(encodeFieldsV1(set)) as JsonObject;
}

function applied(object: JsonObject): JsonObject {
  return encoded(appliedFields(object, schema));
}

test('FieldsV1 is written in the order of the API', () => {
  const keys = [
    'v:true',
    'v:"b"',
    'v:10',
    'v:9',
    'k:{"port":443}',
    'k:{"port":80}',
    'f:b',
    'f:a',
    'i:1',
  ];
  const set = decoded(Object.fromEntries(keys.map((key) => [key, {}])));
  const sorted = [
    'f:a',
    'f:b',
    'k:{"port":80}',
    'k:{"port":443}',
    'v:9',
    'v:10',
    'v:"b"',
    'v:true',
    'i:1',
  ];
  deepEqual(Object.keys(encoded(set)), sorted);
});

test('FieldsV1 is read whatever the order of its keys, and later kinds of steps are passed over', () => {
  deepEqual(encoded(decoded({ 'k:{"b": 1, "a": "x"}': { '.': {}, 'f:b': {} } })), {
    'k:{"a":"x","b":1}': { '.': {}, 'f:b': {} },
  });
  deepEqual(encoded(decoded({ 'q:new': {}, 'f:a': { 'q:new': {} } })), { 'f:a': {} });
  deepEqual(encoded(decoded({ [nestedKey(100)]: {} })), { [nestedKey(100)]: {} });
});

function nestedKey(depth: number): string {
  return `k:${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

test('what is no FieldsV1 is not read', () => {
  const malformed = [
    'str',
    null,
    [],
    { data: {} },
    { 'k:{"a"': {} },
    { 'k:1': {} },
    { 'i:x': {} },
    { 'f:a': 1 },
    { [nestedKey(101)]: {} },
    { [`v:${'['.repeat(50_000)}${']'.repeat(50_000)}`]: {} },
  ];
  for (const each of malformed) equal(decodeFieldsV1(each), undefined, JSON.stringify(each));
});

test('a set loses members of another one, with or without what is below them', () => {
  const set = decoded({ 'f:a': { '.': {}, 'f:b': { '.': {}, 'f:c': {} } } });
  const other = decoded({ 'f:a': { 'f:b': {} } });
  deepEqual(encoded(set.difference(other)), { 'f:a': { '.': {}, 'f:b': { 'f:c': {} } } });
  deepEqual(encoded(set.differenceBelow(other)), { 'f:a': {} });
  ok(set.difference(set).isEmpty);
  ok(set.intersection(other).equals(other));
});

test('the union of many sets has what is in any of them', () => {
  const sets = ['a', 'b', 'c'].map((each) => decoded({ 'f:x': { [`f:${each}`]: {} } }));
  const all = FieldSet.unionOf([...sets, decoded({ 'f:x': {}, 'f:y': {} }), FieldSet.empty]);
  deepEqual(encoded(all), {
    'f:x': { '.': {}, 'f:a': {}, 'f:b': {}, 'f:c': {} },
    'f:y': {},
  });
  ok(FieldSet.unionOf([]).isEmpty);
});

test('who applies claims what it sets, entries of maps and lists, and empty maps', () => {
  deepEqual(
    applied({
      name: 'n',
      labels: { a: '1' },
      struct: { a: 'x' },
      selector: { app: 'a' },
      names: ['x'],
      atomic: ['x', 'y'],
      ports: [{ port: 80 }],
      env: [{ name: 'A', value: '1' }],
      any: { deep: { list: [1] } },
      amount: '5%',
    }),
    {
      'f:any': { 'f:deep': { '.': {}, 'f:list': {} } },
      'f:amount': {},
      'f:atomic': {},
      'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
      'f:labels': { 'f:a': {} },
      'f:name': {},
      'f:names': { 'v:"x"': {} },
      'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
      'f:selector': {},
      'f:struct': { 'f:a': {} },
    },
  );
  deepEqual(applied({ labels: {}, struct: {}, env: [], names: [] }), {
    'f:labels': {},
    'f:struct': {},
  });
  deepEqual(applied({ labels: null, count: null }), { 'f:count': {}, 'f:labels': {} });
});

test('who creates owns what holds its fields as well', () => {
  deepEqual(encoded(wholeFields({ labels: { a: '1' }, ports: [{ port: 80 }] }, schema)), {
    'f:labels': { '.': {}, 'f:a': {} },
    'f:ports': { '.': {}, 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
  });
});

test('changes are found field by field, and as a whole where a list or map is atomic', () => {
  const before = { labels: { a: '1', b: '1' }, selector: { x: '1' }, atomic: ['a'], count: 1 };
  const after = { labels: { a: '2', c: '1' }, selector: { x: '2' }, atomic: ['b'], count: 1 };
  const { added, modified, removed } = compareFields(before, after, schema);
  deepEqual(encoded(added), { 'f:labels': { 'f:c': {} } });
  deepEqual(encoded(modified), {
    'f:atomic': {},
    'f:labels': { 'f:a': {} },
    'f:selector': {},
  });
  deepEqual(encoded(removed), { 'f:labels': { 'f:b': {} } });
});

test('the items of a list are told apart by their keys, not their places', () => {
  const [one, two] = [{ port: 80 }, { port: 443, name: 'tls' }];
  const { added, modified, removed } = compareFields(
    { ports: [one, two] },
    { ports: [two, { ...one, protocol: 'TCP' }] },
    schema,
  );
  deepEqual(encoded(added), {
    'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { 'f:protocol': {} } },
  });
  ok(modified.isEmpty && removed.isEmpty);
});

test('empty and null are told apart where nothing else is there', () => {
  const { modified } = compareFields({ labels: {}, env: null }, { labels: null, env: [] }, schema);
  deepEqual(encoded(modified), { 'f:env': {}, 'f:labels': {} });
});

test('what came twice is owned as a whole, until it comes once', () => {
  const twice = {
    env: [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ],
  };
  const once = { env: [{ name: 'A', value: '1' }] };
  const less = compareFields(twice, once, schema);
  const item = { '.': {}, 'f:name': {}, 'f:value': {} };
  deepEqual(encoded(less.removed), { 'f:env': { 'k:{"name":"A"}': {} } });
  deepEqual(encoded(less.added), { 'f:env': { 'k:{"name":"A"}': item } });
  const more = compareFields(once, twice, schema);
  deepEqual(encoded(more.removed), { 'f:env': { 'k:{"name":"A"}': item } });
  deepEqual(encoded(more.added), { 'f:env': { 'k:{"name":"A"}': {} } });
});

test('a value that gets fields where a schema does not say is changed, and its fields are new', () => {
  const { added, modified, removed } = compareFields(
    { any: { x: 1 } },
    { any: { x: { y: 1 } } },
    schema,
  );
  deepEqual(encoded(added), { 'f:any': { 'f:x': { 'f:y': {} } } });
  deepEqual(encoded(modified), { 'f:any': { 'f:x': {} } });
  ok(removed.isEmpty);
});

test('applied fields are laid over the live ones', () => {
  const live = {
    name: 'n',
    labels: { a: '1' },
    selector: { a: '1' },
    atomic: ['a'],
    names: ['a', 'b'],
  };
  const config = { labels: { b: '2' }, selector: { b: '2' }, atomic: ['b'], names: ['c'] };
  deepEqual(mergeApplied(live, config, schema), {
    name: 'n',
    labels: { a: '1', b: '2' },
    selector: { b: '2' },
    atomic: ['b'],
    names: ['a', 'b', 'c'],
  });
  deepEqual(mergeApplied({ labels: { a: '1' } }, { labels: null, count: null }, schema), {
    labels: { a: '1' },
    count: null,
  });
});

const orders: readonly (readonly [live: string, applied: string, merged: string])[] = [
  ['abc', 'cb', 'acb'],
  ['abc', 'xb', 'axbc'],
  ['abc', 'abc', 'abc'],
  ['abcd', 'db', 'acdb'],
  ['', 'ba', 'ba'],
  ['ab', 'xy', 'abxy'],
  ['abxc', 'cba', 'xcba'],
  ['aab', 'ax', 'axb'],
  ['ab', 'ax', 'abx'],
];

for (const [live, config, merged] of orders) {
  test(`a list ${live || 'of nothing'} that ${config} is applied to becomes ${merged}`, () => {
    const list = (letters: string) => ({ names: [...letters] });
    deepEqual(mergeApplied(list(live), list(config), schema), list(merged));
  });
}

test('duplicates in the live list give way to the applied item', () => {
  const live = {
    env: [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
      { name: 'B', value: '3' },
    ],
  };
  deepEqual(mergeApplied(live, { env: [{ name: 'A', value: '4' }] }, schema), {
    env: [
      { name: 'A', value: '4' },
      { name: 'B', value: '3' },
    ],
  });
  deepEqual(mergeApplied(live, { env: [{ name: 'C' }] }, schema), {
    env: [...live.env, { name: 'C' }],
  });
});

test('an item that is null stays when others go', () => {
  const removed = decoded({ 'f:names': { 'v:"a"': {} } });
  deepEqual(removeFields({ names: ['a', null] }, removed, schema), { names: [null] });
});

test('fields go with all below them, and null stays of what this leaves empty', () => {
  const object = {
    labels: { a: '1', b: '2' },
    struct: { a: 'x' },
    ports: [{ port: 80 }, { port: 443 }],
  };
  const gone = decoded({
    'f:labels': { 'f:a': {} },
    'f:struct': { 'f:a': {} },
    'f:ports': { 'k:{"port":80,"protocol":"TCP"}': {} },
  });
  deepEqual(removeFields(object, gone, schema), {
    labels: { b: '2' },
    struct: null,
    ports: [{ port: 443 }],
  });
  deepEqual(
    removeFields({ selector: { a: '1' } }, decoded({ 'f:selector': { 'f:a': {} } }), schema),
    {
      selector: null,
    },
  );
});

test('a field that has become atomic is owned as a whole by who owned a part of it', () => {
  const set = decoded({
    'f:selector': { 'f:a': {} },
    'f:atomic': { 'v:"a"': {} },
    'f:labels': { 'f:a': {} },
  });
  deepEqual(encoded(fitToSchema(set, schema)), {
    'f:atomic': {},
    'f:labels': { 'f:a': {} },
    'f:selector': {},
  });
});

test('an entry is touched by fields that it has, or has something below', () => {
  const entry = { 'f:a': { 'f:b': {} } };
  ok(touchesFields(entry, decoded({ 'f:a': { 'f:b': {} } })));
  ok(touchesFields(entry, decoded({ 'f:a': {} })));
  ok(!touchesFields(entry, decoded({ 'f:a': { 'f:c': {} }, 'f:d': {} })));
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f:${at}`, {}]));
  ok(touchesFields(entry, decoded({ ...many, 'f:a': { 'f:b': {} } })));
  ok(!touchesFields(entry, decoded({ ...many, 'f:a': { 'f:c': {} } })));
});

test('what is always there belongs to nobody', () => {
  const built = {
    type: 'object',
    required: ['list', 'count'],
    properties: new Map<string, object>([
      ['spec', { ...schema, default: {} }],
      ['pointer', { type: 'object', properties: new Map() }],
      ['list', { type: 'array' }],
      ['count', { type: 'integer' }],
    ]),
  } as const;
  deepEqual(zeroObject(built as never), { spec: {}, list: null, count: 0 });
});

test('what does not fit is named, each with its path', () => {
  const config = {
    name: 5,
    labels: 'x',
    struct: { z: 1, a: 2 },
    ports: [null, { name: 'x' }, { port: 1 }, { port: 1 }],
    amount: [],
    names: [{}],
  };
  deepEqual(checkApplied(config, schema), [
    '.amount: expected any scalar, got &{[]}',
    '.labels: expected map, got &{x}',
    '.name: expected string, got &value.valueUnstructured{Value:5}',
    ".names: element 0: associative list without keys has an element that's a map type",
    '.ports: element 0: associative list with keys may not have a null element',
    '.ports: duplicate entries for key [port=1,protocol="TCP"]',
    '.struct.a: expected string, got &value.valueUnstructured{Value:2}',
    '.struct.z: field not declared in schema',
  ]);
  equal(checkApplied({ atomic: Array.from({ length: 200 }, () => 1) }, schema).length, 100);
});

test('a stored object can be owned unless it is not of its schema', () => {
  equal(isOwnable({ ports: [{ port: 1 }, { port: 1 }] }, schema), true);
  equal(isOwnable({ ports: [{ port: 1 }, { port: 1, name: 5 }] }, schema), false);
});

test('a path reads as messages show it', () => {
  equal(
    formatPath(['f:a', 'k:{"n":"x","p":1}', 'v:"q"', 'i:3', 'f:b']),
    '.a[n="x",p=1][="q"][3].b',
  );
});
