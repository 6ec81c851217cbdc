import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ListDecoder } from './list-decoder.ts';

const encoder = new TextEncoder();

function decodeInChunks(json: string, chunkBytes: number): unknown {
  const decoder = new ListDecoder();
  const bytes = encoder.encode(json);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    // The decoder may not keep what it was given.
    const chunk = bytes.slice(at, at + chunkBytes);
    decoder.push(chunk);
    chunk.fill(0);
  }
  return decoder.end();
}

test('ListDecoder decodes what JSON.parse does, however it is cut', () => {
  const list = fc.record({
    kind: fc.string(),
    metadata: fc.dictionary(fc.string(), fc.jsonValue()),
    items: fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())),
    'x"items"': fc.jsonValue(),
    rest: fc.jsonValue(),
  });
  const text = fc
    .tuple(list, fc.constantFrom(undefined, 1, '\t'))
    .map(([value, indent]) => JSON.stringify(value, undefined, indent));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 64 }), (json, chunkBytes) => {
      assert.deepEqual(decodeInChunks(json, chunkBytes), JSON.parse(json));
    }),
  );
});

test('ListDecoder decodes what is no list, too', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 16 }), (value, chunkBytes) => {
      const json = JSON.stringify(value);
      assert.deepEqual(decodeInChunks(json, chunkBytes), JSON.parse(json));
    }),
  );
  assert.equal(decodeInChunks('', 1), undefined);
  assert.deepEqual(decodeInChunks('{"items":null}', 3), { items: null });
});

for (const [what, json] of [
  ['cut in an item', '{"items":[{"a":1},{"b":'],
  ['cut behind an item', '{"items":[{"a":1}'],
  ['cut behind the items', '{"items":[{"a":1}]'],
  ['with items that are no objects', '{"items":[{"a":1},null]}'],
  ['with an item that is no JSON', '{"items":[{"a":nope}]}'],
  ['followed by something', '{"items":[{"a":1}]} x'],
  ['that is a page', '<html>[not] {json}</html>'],
] as const) {
  test(`ListDecoder refuses a list ${what}`, () => {
    for (const chunkBytes of [1, 5, 1000]) {
      assert.throws(() => decodeInChunks(json, chunkBytes), SyntaxError);
    }
  });
}
