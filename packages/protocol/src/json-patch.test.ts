import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Operation, applyPatch, createPatch } from 'rfc6902';
import { applyJsonPatch } from './json-patch.ts';
import type { JsonValue } from './json-value.ts';

const patched = (document: JsonValue, ...patch: unknown[]): JsonValue | string => {
  const outcome = applyJsonPatch(document, patch);
  return outcome.kind === 'patched' ? outcome.value : outcome.kind;
};

test('applyJsonPatch() runs every operation', () => {
  assert.deepEqual(patched({ a: 1 }, { op: 'add', path: '/b', value: [1] }), { a: 1, b: [1] });
  assert.deepEqual(patched([1, 3], { op: 'add', path: '/1', value: 2 }), [1, 2, 3]);
  assert.deepEqual(patched([1], { op: 'add', path: '/-', value: 2 }), [1, 2]);
  assert.deepEqual(patched([1], { op: 'add', path: '/1', value: 2 }), [1, 2]);
  assert.deepEqual(patched({ a: 1, b: 2 }, { op: 'remove', path: '/a' }), { b: 2 });
  assert.deepEqual(patched({ a: null }, { op: 'remove', path: '/a' }), {});
  assert.deepEqual(patched({ a: 1 }, { op: 'replace', path: '/a', value: 2 }), { a: 2 });
  assert.deepEqual(patched({ a: 1 }, { op: 'replace', path: '', value: [] }), []);
  assert.deepEqual(patched({ a: { b: 1 } }, { op: 'move', from: '/a/b', path: '/c' }), {
    a: {},
    c: 1,
  });
  assert.deepEqual(patched({ a: [1] }, { op: 'copy', from: '/a', path: '/b' }), { a: [1], b: [1] });
  assert.deepEqual(patched({ 'a/b': { '~': 1 } }, { op: 'replace', path: '/a~1b/~0', value: 2 }), {
    'a/b': { '~': 2 },
  });
  assert.deepEqual(
    patched({ a: { x: 1, y: [2] } }, { op: 'test', path: '/a', value: { y: [2], x: 1 } }),
    { a: { x: 1, y: [2] } },
  );
});

test('applyJsonPatch() counts negative indices from the end', () => {
  assert.deepEqual(patched([1, 2, 3], { op: 'remove', path: '/-1' }), [1, 2]);
  assert.deepEqual(patched([1, 2, 3], { op: 'replace', path: '/-3', value: 0 }), [0, 2, 3]);
  assert.deepEqual(patched([1, 2], { op: 'add', path: '/-1', value: 3 }), [1, 2, 3]);
  assert.equal(patched([1], { op: 'remove', path: '/-2' }), 'refused');
});

test('applyJsonPatch() refuses what does not fit the document', () => {
  const operations: unknown[] = [
    { op: 'test', path: '/a', value: 2 },
    { op: 'test', path: '/none', value: 1 },
    { op: 'remove', path: '/none' },
    { op: 'replace', path: '/none/x', value: 1 },
    { op: 'test', path: '/none/x', value: null },
    { op: 'add', path: '/none/x', value: 1 },
    { op: 'add', path: '/a/x', value: 1 },
    { op: 'add', path: '/l/2', value: 1 },
    { op: 'add', path: '/l/x', value: 1 },
    { op: 'replace', path: '/l/-', value: 1 },
    { op: 'remove', path: '' },
    { op: 'move', from: '/none', path: '/x' },
    { op: 'copy', from: '/none/y', path: '/x' },
    { op: 'copy', from: '/l/1', path: '/x' },
    { op: 'move', from: '/l', path: '/l/0' },
    { op: 'remove', path: '/constructor' },
    { op: 'replace', path: '/toString/x', value: 1 },
    null,
    {},
    { op: 'x', path: '' },
    { op: 'add', path: 'a', value: 1 },
    { op: 'move', path: '/a' },
    { op: 'remove' },
    { op: 'add', path: '/__proto__/polluted', value: 1 },
    { op: 'add', path: '/constructor/prototype/polluted', value: 1 },
  ];
  for (const operation of operations) {
    assert.equal(patched({ a: 1, l: [0] }, operation), 'refused', JSON.stringify(operation));
  }
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
});

test('applyJsonPatch() takes what Kubernetes takes beyond the RFC', () => {
  const document = { a: 1, l: [0] };
  for (const [operation, change] of [
    [{ op: 'replace', path: '/none', value: 1 }, { none: 1 }],
    [{ op: 'replace', path: '/toString', value: 1 }, { toString: 1 }],
    [{ op: 'copy', from: '/none', path: '/x' }, { x: null }],
    [{ op: 'test', path: '/none' }, {}],
    [{ op: 'add', path: '/x' }, { x: null }],
    [{ op: 'add', path: 'data/x', value: 1 }, { x: 1 }],
    [{ op: 'add', path: '/l/01', value: 1 }, { l: [0, 1] }],
    [{ op: 'replace', path: '/l/00', value: 1 }, { l: [1] }],
  ]) {
    assert.deepEqual(patched(document, operation), { ...document, ...change });
  }
});

test('applyJsonPatch() calls malformed what is no patch', () => {
  const failing = { op: 'test', path: '/a', value: 1 };
  for (const operation of [1, 'a', []]) {
    assert.equal(patched({}, failing, operation), 'malformed');
  }
  assert.equal(applyJsonPatch({}, {}).kind, 'malformed');
});

test('applyJsonPatch() bounds operations and copies', () => {
  const test = { op: 'test', path: '', value: {} };
  assert.equal(applyJsonPatch({}, repeat(test, 10_000)).kind, 'patched');
  assert.equal(applyJsonPatch({}, repeat(test, 10_001)).kind, 'too large');
  const doubling = { op: 'copy', from: '', path: '/-' };
  assert.equal(applyJsonPatch(['x'], repeat(doubling, 100)).kind, 'too large');
  assert.equal(applyJsonPatch([[]], repeat(doubling, 9), { copyBytesMax: 900 }).kind, 'too large');
});

test('applyJsonPatch() bounds how many values copies add', () => {
  const list = Array.from({ length: 100 }, () => []);
  const copies = Array.from({ length: 10 }, (_, at) => ({
    op: 'copy',
    from: '/a',
    path: `/b${at}`,
  }));
  assert.equal(applyJsonPatch({ a: list }, copies, { copyValuesMax: 1_000 }).kind, 'patched');
  assert.equal(applyJsonPatch({ a: list }, copies, { copyValuesMax: 999 }).kind, 'too large');
});

test('applyJsonPatch() bounds the steps of all paths together', () => {
  const test = { op: 'test', path: '/a/b', value: 1 };
  const move = { op: 'move', from: '/a', path: '/c' };
  const patch = [...repeat(test, 49), move];
  assert.equal(applyJsonPatch({ a: { b: 1 } }, patch, { pathStepsMax: 100 }).kind, 'patched');
  assert.equal(applyJsonPatch({ a: { b: 1 } }, patch, { pathStepsMax: 99 }).kind, 'too large');
});

test('applyJsonPatch() bounds how much of lists is pushed aside', () => {
  const document = { list: Array.from({ length: 2_000 }, (_, index) => index) };
  const patches = {
    add: { op: 'add', path: '/list/0', value: 1 },
    remove: { op: 'remove', path: '/list/0' },
    move: { op: 'move', from: '/list/-1', path: '/list/0' },
  };
  for (const operation of Object.values(patches)) {
    const patch = repeat(operation, 1_000);
    assert.equal(applyJsonPatch(document, patch).kind, 'patched');
    assert.equal(applyJsonPatch(document, patch, { shiftsMax: 900_000 }).kind, 'too large');
  }
  const append = repeat({ op: 'add', path: '/list/-', value: 1 }, 1_000);
  assert.equal(applyJsonPatch(document, append, { shiftsMax: 0 }).kind, 'patched');
});

test('applyJsonPatch() moves what is large in no more steps than what is small', () => {
  // By the second, so that it fails instead of lasting minutes.
  const large = Array.from({ length: 200_000 }, (_, index) => [index]);
  const keys = Object.fromEntries(large.map((_, index) => [`${index}`, '']));
  const patch = Array.from({ length: 5_000 }, (_, index) => [
    { op: 'move', from: index % 2 === 0 ? '/a' : '/b', path: index % 2 === 0 ? '/b' : '/a' },
    { op: 'move', from: `/keys/${index}`, path: `/keys/${4_000_000 + index}` },
  ]).flat();
  const before = process.cpuUsage();
  assert.equal(applyJsonPatch({ a: large, keys }, patch).kind, 'patched');
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 5_000_000, `${(user + system) / 1_000} ms`);
});

test('applyJsonPatch() names long paths by their beginning', () => {
  const path = `/${'a'.repeat(100_000)}`;
  const outcome = applyJsonPatch({}, [{ op: 'remove', path }]);
  assert.ok(outcome.kind === 'refused' && outcome.problem.length < 300);
  assert.equal(patched({}, { op: 'add', path: '/'.repeat(200_000), value: 1 }), 'refused');
});

test('applyJsonPatch() takes labels named like what objects inherit', () => {
  const result = patched(
    { labels: {} },
    { op: 'add', path: '/labels/__proto__', value: 'a' },
    { op: 'add', path: '/labels/constructor', value: 'b' },
    { op: 'test', path: '/labels/constructor', value: 'b' },
    { op: 'copy', from: '/labels', path: '/copy' },
  );
  const labels = '{"__proto__":"a","constructor":"b"}';
  assert.equal(JSON.stringify(result), `{"labels":${labels},"copy":${labels}}`);
});

test('applyJsonPatch() does what the rfc6902 library does, and leaves its input alone', () => {
  const key = fc.constantFrom('a', 'b', 'c', '/', '~');
  const { document } = fc.letrec<{ document: JsonValue }>((tie) => ({
    document: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.dictionary(key, tie('document'), { noNullPrototype: true }),
      fc.array(tie('document'), { maxLength: 4 }),
    ),
  }));
  fc.assert(
    fc.property(document, document, (before, after) => {
      const text = JSON.stringify(before);
      const patch: Operation[] = createPatch(before, after);
      const expected = { root: JSON.parse(text) as JsonValue };
      const rooted = patch.map((operation) => ({ ...operation, path: `/root${operation.path}` }));
      applyPatch(expected, rooted as Operation[]);
      assert.deepEqual(applyJsonPatch(before, patch), { kind: 'patched', value: after });
      assert.deepEqual(expected.root, after);
      assert.equal(JSON.stringify(before), text);
    }),
  );
});

test('applyJsonPatch() never throws', () => {
  const pointer = fc.string({ unit: fc.constantFrom('/', '~', '0', '1', '-', 'a', '__proto__') });
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
      path: pointer,
      from: pointer,
      value: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.jsonValue(), fc.array(operation), (document, patch) => {
      applyJsonPatch(document as JsonValue, patch);
    }),
  );
});

test('applyJsonPatch() bounds how deep a document becomes', () => {
  const nest = (levels: number): unknown[] =>
    Array.from({ length: levels }, (_, index) => ({
      op: 'copy',
      from: '',
      path: '/a'.repeat(2 ** index),
    }));
  assert.equal(applyJsonPatch({}, nest(8)).kind, 'patched');
  assert.equal(applyJsonPatch({}, nest(15)).kind, 'refused');
  // Moves add nothing, and still make a document as deep as all its parts together.
  const spine = JSON.parse(
    `{"x":${'['.repeat(600)}${']'.repeat(600)},"y":${'['.repeat(600)}1${']'.repeat(600)}}`,
  ) as JsonValue;
  const stack = { op: 'move', from: '/x', path: `/y${'/0'.repeat(600)}` };
  assert.equal(applyJsonPatch(spine, [stack]).kind, 'refused');
});

function repeat(operation: unknown, count: number): unknown[] {
  return Array.from({ length: count }, () => operation);
}
