import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseJson, stringifyJson } from './json-text.ts';
import { decodeJson } from './strict-json.ts';

test('decodeJson() reports fields given twice with their paths', () => {
  const duplicatesOf = (text: string): readonly string[] => {
    const decoded = decodeJson(encode(text));
    assert.equal(decoded.kind, 'decoded');
    return decoded.kind === 'decoded' ? decoded.duplicateFields : [];
  };
  assert.deepEqual(duplicatesOf('{"data":{"a":"1","a":"2"}}'), ['data.a']);
  assert.deepEqual(
    duplicatesOf('{"spec":{"containers":[{"x":1},{"name":"a","image":"b","name":"c"}]}}'),
    ['spec.containers[1].name'],
  );
  assert.deepEqual(duplicatesOf('{"a":1,"b":2,"a":3,"a":4,"b":5}'), ['a', 'b']);
  assert.deepEqual(duplicatesOf(String.raw`{"a":1,"\u0061":2}`), ['a']);
  assert.deepEqual(duplicatesOf('[{"a":[[{"b":1,"b":2}]]}]'), ['[0].a[0][0].b']);
  assert.deepEqual(duplicatesOf('{"a":{"b":1},"c":{"b":1},"d":["a","a"],"e":"a"}'), []);
  assert.deepEqual(duplicatesOf(String.raw`{"a\"":1,"b":"\\","c":1e3}`), []);
  const many = Array.from({ length: 40 }, (_, index) => `"k${index % 39}":1`).join();
  assert.deepEqual(duplicatesOf(`{${many}}`), ['k0']);
});

test('decodeJson() takes the last of the fields given twice', () => {
  assert.deepEqual(decodeJson(encode('{"a":"1","a":"2"}')), {
    kind: 'decoded',
    value: { a: '2' },
    duplicateFields: ['a'],
  });
});

test('decodeJson() words syntax errors as the API does', () => {
  const problems: readonly (readonly [string, string])[] = [
    ['{bad', "invalid character 'b' looking for beginning of object key string"],
    ['{"a"', 'unexpected end of JSON input'],
    ['', 'unexpected end of JSON input'],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"', `invalid character '"' after object key:value pair`],
    ['[1 2]', "invalid character '2' after array element"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['01', "invalid character '1' after top-level value"],
    ['tru0', "invalid character '0' in literal true (expecting 'e')"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1e', 'unexpected end of JSON input'],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['"\n"', String.raw`invalid character '\n' in string literal`],
    [String.raw`"\x"`, "invalid character 'x' in string escape code"],
    [String.raw`"\u00g0"`, String.raw`invalid character 'g' in \u hexadecimal character escape`],
    ["'", String.raw`invalid character '\'' looking for beginning of value`],
    ['\ufeff{}', "invalid character 'ï' looking for beginning of value"],
    ['{"a":1]', "invalid character ']' after object key:value pair"],
    ['[1e400]', 'json: cannot unmarshal number 1e400 into Go value of type float64'],
    [
      `[${'9'.repeat(400)}]`,
      `json: cannot unmarshal number ${'9'.repeat(400)} into Go value of type float64`,
    ],
  ];
  for (const [text, problem] of problems) {
    const value = problem.includes('float64') ? { value: [Infinity] } : {};
    const malformed = { kind: 'malformed', problem, ...value };
    assert.deepEqual(decodeJson(encode(text)), malformed, text.slice(0, 20));
  }
});

test('decodeJson() bounds nesting', () => {
  const nested = (depth: number): Uint8Array => encode('['.repeat(depth) + ']'.repeat(depth));
  assert.equal(decodeJson(nested(1000)).kind, 'decoded');
  const tooDeep = { kind: 'malformed', problem: 'exceeded max depth' };
  assert.deepEqual(decodeJson(nested(1001)), tooDeep);
  assert.deepEqual(decodeJson(nested(1_000_000)), tooDeep);
  assert.deepEqual(decodeJson(nested(3), { depthMax: 2 }), tooDeep);
});

test('decodeJson() keeps __proto__ an ordinary field', () => {
  const decoded = decodeJson(encode('{"__proto__":{"polluted":true}}'));
  assert.equal(decoded.kind, 'decoded');
  if (decoded.kind !== 'decoded') return;
  assert.equal(Object.getPrototypeOf(decoded.value), Object.prototype);
  assert.equal(JSON.stringify(decoded.value), '{"__proto__":{"polluted":true}}');
});

test('decodeJson() decodes what stringifyJson() wrote', () => {
  fc.assert(
    fc.property(fc.json(), fc.boolean(), (text, isIndented) => {
      const value = parseJson(text);
      const written = stringifyJson(value, isIndented ? 2 : 0) ?? '';
      const { numberTexts: _, ...decoded } = { numberTexts: [], ...decodeJson(encode(written)) };
      assert.deepEqual(decoded, { kind: 'decoded', value, duplicateFields: [] });
    }),
  );
});

test('decodeJson() calls malformed exactly what JSON.parse() refuses', () => {
  const unit = fc.constantFrom(...'{}[]:,"\\u0 1-.etrufalsn\n', 'é', '\0');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const decoded = decodeJson(encode(text));
      assert.equal(decoded.kind === 'decoded', isJson(text), text);
      if (decoded.kind === 'malformed') assert.match(decoded.problem, /^(invalid character|unexp)/);
    }),
    { numRuns: 2000 },
  );
});

test('decodeJson() finds exactly the keys that stand twice in their object', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'aa', 'é', 'ab"', '');
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 20 }),
      fc.array(key, { maxLength: 4 }),
      (outer, inner) => {
        const write = (keys: readonly string[], value: string): string =>
          `{${keys.map((each) => `${JSON.stringify(each)}:${value}`).join()}}`;
        const decoded = decodeJson(encode(`[${write(outer, '1')},${write(inner, '{"x":[]}')}]`));
        const repeated = (keys: readonly string[]): Set<string> =>
          new Set(keys.filter((each, index) => keys.indexOf(each) < index));
        assert.equal(decoded.kind, 'decoded');
        if (decoded.kind !== 'decoded') return;
        assert.deepEqual(decoded.duplicateFields, [
          ...[...repeated(outer)].map((each) => `[0].${each}`),
          ...[...repeated(inner)].map((each) => `[1].${each}`),
        ]);
      },
    ),
  );
});

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('decodeJson() counts the fields of each object on their own', () => {
  const limits = { fieldsMax: 2 };
  const inside = Buffer.from('{"a":{"c":1,"d":2},"b":[1,2,3]}');
  assert.equal(decodeJson(inside, limits).kind, 'decoded');
  assert.deepEqual(decodeJson(Buffer.from('[{"a":{"b":1},"c":2,"d":[]}]'), limits), {
    kind: 'too large',
    problem: 'more than 2 fields in one object',
  });
});

test('decodeJson() tells how numbers are written that are not written as integers', () => {
  const text = '{"a":{"b.c":[1,5.0,"2.0"]},"d":1e1,"e":"3.5"}';
  const decoded = decodeJson(encode(text));
  assert.ok(decoded.kind === 'decoded');
  assert.deepEqual(
    [...(decoded.numberTexts ?? [])],
    [
      ['a.b.c[1]', '5.0'],
      ['d', '1e1'],
    ],
  );
  const many = decodeJson(encode(JSON.stringify(Array.from({ length: 1_001 }, () => 0.5))));
  assert.ok(many.kind === 'decoded' && many.numberTexts?.size === 1_000);
});

test('decodeJson() puts U+FFFD in the place of half a character', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['\\ud800', '\ufffd'],
    ['\\uDC00x', '\ufffdx'],
    ['\\ud83d\\ude00', '\u{1f600}'],
    ['\\ud83d\\ud83d\\ude00', '\ufffd\u{1f600}'],
    ['\\\\ud800', '\\ud800'],
    ['\\\\\\ud800', '\\\ufffd'],
  ];
  for (const [text, expected] of texts) {
    const decoded = decodeJson(encode(`{"${text}":["${text}"]}`));
    assert.deepEqual(decoded, {
      kind: 'decoded',
      value: { [expected]: [expected] },
      duplicateFields: [],
    });
  }
  assert.equal(decodeJson(encode('"\\ud80"')).kind, 'malformed');
});

test('decodeJson() tells how numbers are written that no integer of 64 bits is', () => {
  const text = '{"a":[1,5.0,9223372036854775807],"b":1e1,"c":9223372036854775808}';
  const decoded = decodeJson(encode(text));
  assert.ok(decoded.kind === 'decoded');
  assert.deepEqual(decoded.value, { a: [1, 5, 2n ** 63n - 1n], b: 10, c: 2 ** 63 });
  assert.deepEqual(Object.fromEntries(decoded.numberTexts ?? []), {
    'a[1]': '5.0',
    b: '1e1',
    c: '9223372036854775808',
  });
});
