import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseJson, stringifyJson } from './json-text.ts';
import { hasLongNumber } from './long-number.ts';

const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);

test('parseJson() keeps the digits of every integer of 64 bits, and stringifyJson() writes them', () => {
  fc.assert(
    fc.property(fc.array(int64), fc.jsonValue(), (integers, value) => {
      const text = `{"integers":[${integers.join(' , ')}],"value":${JSON.stringify(value)}}`;
      const read = parseJson(text) as { integers: unknown[] };
      assert.deepEqual(
        read.integers.map((each) => String(each)),
        integers.map((each) => String(each)),
      );
      const again = stringifyJson(read);
      assert.equal(again, text.replaceAll(' , ', ','));
      assert.deepEqual(parseJson(stringifyJson(read, 2)), read);
    }),
  );
});

test('parseJson() makes a bigint only of what no number holds', () => {
  const values: readonly (readonly [string, unknown])[] = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740992', -9007199254740992n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9223372036854775808', 2 ** 63],
    ['9223372036854775807.0', 2 ** 63],
    ['12345678901234560e1', 123456789012345600],
    ['0.12345678901234567890', 0.12345678901234568],
    ['"9223372036854775807"', '9223372036854775807'],
  ];
  for (const [text, expected] of values) {
    assert.equal(parseJson(text), expected, text);
    assert.deepEqual(parseJson(`[1,${text}]`), [1, expected], text);
    assert.deepEqual(parseJson(`{"a":\n${text}\n}`), { a: expected }, text);
  }
  assert.deepEqual(Object.keys(parseJson('{"__proto__":9223372036854775807}') as object), [
    '__proto__',
  ]);
  assert.throws(() => parseJson('[9223372036854775807'), SyntaxError);
});

test('hasLongNumber() finds digits wherever they begin', () => {
  for (let before = 0; before < 40; before++) {
    const start = `[${' '.repeat(before)}`;
    assert.equal(hasLongNumber(`${start}1234567890123456]`), true, String(before));
    assert.equal(hasLongNumber(`${start}123456789012345,1]`), false, String(before));
    assert.equal(hasLongNumber(`${start}"1234567890123456"]`), false, String(before));
    const two = `${start}0.12345678901234567890,-12345678901234567890]`;
    assert.equal(hasLongNumber(two), true, String(before));
  }
});

test('stringifyJson() fails on a cycle as JSON.stringify does', () => {
  const cycle: Record<string, unknown> = { big: 1n };
  cycle['cycle'] = cycle;
  assert.throws(() => stringifyJson(cycle), TypeError);
  assert.equal(stringifyJson(undefined), undefined);
});
