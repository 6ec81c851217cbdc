import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Schema } from '@fairway/protocol';
import { kubernetesEnvironment } from './kubernetes.ts';
import { schemaType } from './schema-type.ts';
import { dynType } from './type.ts';
import { Failure, type Result, type Value } from './values/value.ts';

function evaluate(text: string, schema: Schema, value: Value): Result {
  const declared = schemaType(schema, 'object');
  assert.ok(declared !== undefined);
  const { type, convert = (same: Value): Value => same } = declared;
  const compiled = kubernetesEnvironment().withVariables({ self: type }).compile(text);
  assert.ok(compiled.kind === 'compiled', JSON.stringify(compiled));
  return compiled.program.evaluate({ self: convert(value) }).result;
}

function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties: new Map(Object.entries(properties)) };
}

const set: Schema = { type: 'array', items: { type: 'string' }, listType: 'set' };
const map: Schema = {
  type: 'array',
  listType: 'map',
  listMapKeys: ['k'],
  items: object({ k: { type: 'string' }, v: { type: 'number' } }),
};

suite('values are what their schema says', () => {
  const cases: readonly (readonly [string, Schema, Value])[] = [
    [
      'self.n == 3.0 && self.n / 2.0 == 1.5 && type(self.n) == double',
      object({ n: { type: 'number' } }),
      { n: 3 },
    ],
    ['self.i / 2 == 1', object({ i: { type: 'integer' } }), { i: 3 }],
    [
      'type(self.x) == string && self.x.endsWith("%")',
      object({ x: { isIntOrString: true } }),
      { x: '5%' },
    ],
    [
      "self.t.getFullYear() == 2020 && self.t < timestamp('2021-01-01T00:00:00Z')",
      object({ t: { type: 'string', format: 'date-time' } }),
      { t: '2020-05-01T00:00:00+02:00' },
    ],
    [
      'self.day.getDayOfMonth() == 4',
      object({ day: { type: 'string', format: 'date' } }),
      { day: '2020-01-05' },
    ],
    [
      "self.d == duration('90s')",
      object({ d: { type: 'string', format: 'duration' } }),
      { d: '1m30s' },
    ],
    ["self.b == b'hi'", object({ b: { type: 'string', format: 'byte' } }), { b: 'aGk=' }],
    ["self.s == ['a', 'b'] && !(['a', 'b'] == self.s)", object({ s: set }), { s: ['b', 'a'] }],
    ["(self.s + ['a', 'c']).size() == 3", object({ s: set }), { s: ['b', 'a'] }],
    [
      '(self.m + self.m).size() == 1 && self.m[0].v == 1.0 && self.m.all(e, type(e.v) == double)',
      object({ m: map }),
      { m: [{ k: 'x', v: 1 }] },
    ],
    [
      'dyn(self).o.t.getFullYear() == 2020',
      object({ o: object({ t: { type: 'string', format: 'date' } }) }),
      { o: { t: '2020-01-01' } },
    ],
    [
      "self.all(k, self[k] > duration('1s'))",
      { type: 'object', additionalProperties: { type: 'string', format: 'duration' } },
      { a: '2s' },
    ],
    [
      'self.a__dash__b == 1 && self.__namespace__ == 2 && has(self.x__dot__y) && !has(self.__underscores__z)',
      object({
        'a-b': { type: 'integer' },
        namespace: { type: 'integer' },
        'x.y': { type: 'integer' },
        __z: { type: 'integer' },
      }),
      { 'a-b': 1, namespace: 2, 'x.y': 3 },
    ],
    [
      "!has(self.a) && self.?a.orValue('b') == 'b' && has(self.c)",
      object({ a: { type: 'string', isNullable: true }, c: { type: 'string', isNullable: true } }),
      { a: null, c: 'd' },
    ],
    ['dyn(self).a__dash__b == 1.0', object({ 'a-b': { type: 'number' } }), { 'a-b': 1 }],
  ];
  for (const [text, schema, value] of cases) {
    test(text, () => {
      const result = evaluate(text, schema, value);
      assert.equal(result instanceof Failure ? result.message : result, true);
    });
  }
});

test('durations may be said in words, as their format takes them', () => {
  const schema = object({ d: { type: 'string', format: 'duration' } });
  for (const [text, hours] of [
    ['3 days', 72],
    ['1w', 168],
    ['2 HOURS', 2],
    ['1h30m', 1],
  ] as const) {
    assert.equal(evaluate(`self.d.getHours() == ${hours}`, schema, { d: text }), true, text);
  }
});

test('large sets and maps are compared without holding each element against each', () => {
  const numbers = Array.from({ length: 20_000 }, (_, at) => `${at}`);
  const s = object({ s: set, o: set });
  const sets = { s: numbers, o: [...numbers].reverse() };
  assert.equal(evaluate('self.s == self.o && (self.s + self.o).size() == 20000', s, sets), true);
  const lists = object({ l: { type: 'array', items: map } });
  const items = numbers.map((k) => ({ k, v: 1 }));
  const same = { l: [items, [...items].reverse()] };
  const both = 'self.l[0] == self.l[1] && (self.l[0] + self.l[1]).size() == 20000';
  assert.equal(evaluate(both, lists, same), true);
  const other = { l: [items, [...items.slice(1), { k: '0', v: 2 }]] };
  assert.equal(evaluate('self.l[0] != self.l[1]', lists, other), true);
  assert.equal(evaluate("(self.s + ['q', 'q']).size() == 1", object({ s: set }), { s: [] }), true);
});

test('what the schema does not say, no expression can name', () => {
  const untyped = schemaType(object({ known: { type: 'string' }, any: {} }), 'object');
  const environment = kubernetesEnvironment().withVariables({
    self: untyped?.type ?? dynType,
  });
  const found = environment.compile('self.any == 1');
  assert.ok(found.kind === 'refused' && found.problem.includes("undefined field 'any'"));
});
