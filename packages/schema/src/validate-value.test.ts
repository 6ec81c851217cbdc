import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fieldErrorText } from '@fairway/protocol';
import { structuralSchema } from './structural/structural-schema.ts';
import { validateValue } from './validate-value.ts';
import { Effort, type Walk } from './walk.ts';

function finish<T>(walk: Walk<T>): T {
  for (let step = walk.next(); ; step = walk.next()) if (step.done === true) return step.value;
}

/** What is wrong with a field `x`, as `field: message`. */
function judge(schema: object, value: unknown, stored?: unknown): string[] {
  const root = structuralSchema({ type: 'object', properties: { x: schema } });
  const placed = {
    value: { x: value },
    path: '',
    ...(stored === undefined ? {} : { stored: { x: stored } }),
  };
  return finish(validateValue(placed, root)).map(fieldErrorText);
}

suite('validateValue', () => {
  for (const [name, schema, value, ...expected] of [
    [
      'type',
      { type: 'integer' },
      'a',
      'x: Invalid value: "string": x in body must be of type integer: "string"',
    ],
    [
      'fraction',
      { type: 'integer' },
      1.5,
      'x: Invalid value: "number": x in body must be of type integer: "number"',
      '<nil>: Invalid value: "": Checked value must be of type integer (default format) in x',
    ],
    [
      'null',
      { type: 'string' },
      null,
      'x: Invalid value: "null": x in body must be of type string: "null"',
    ],
    [
      'minimum',
      { type: 'integer', minimum: 1 },
      0,
      'x: Invalid value: 0: x in body should be greater than or equal to 1',
    ],
    [
      'exclusiveMaximum',
      { type: 'number', maximum: 1, exclusiveMaximum: true },
      1,
      'x: Invalid value: 1: x in body should be less than 1',
    ],
    [
      'multipleOf',
      { type: 'integer', multipleOf: 5 },
      7,
      'x: Invalid value: 7: x in body should be a multiple of 5',
    ],
    [
      'minLength',
      { type: 'string', minLength: 2 },
      'a',
      'x: Invalid value: "a": x in body should be at least 2 chars long',
    ],
    [
      'maxLength',
      { type: 'string', maxLength: 2 },
      'abc',
      'x: Too long: may not be more than 2 bytes',
    ],
    [
      'pattern',
      { type: 'string', pattern: '^a$' },
      'b',
      'x: Invalid value: "b": x in body should match \'^a$\'',
    ],
    [
      'enum',
      { type: 'string', enum: ['a', 'b'] },
      'c',
      'x: Unsupported value: "c": supported values: "a", "b"',
    ],
    [
      'minItems',
      { type: 'array', items: {}, minItems: 1 },
      [],
      'x: Invalid value: 0: x in body should have at least 1 items',
    ],
    [
      'maxItems',
      { type: 'array', items: {}, maxItems: 1 },
      [1, 2],
      'x: Too many: 2: must have at most 1 item',
    ],
    [
      'set',
      { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      ['a', 'a'],
      'x[1]: Duplicate value: "a"',
    ],
    [
      'map',
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', properties: { name: { type: 'string' } } },
      },
      [{ name: 'a' }, { name: 'a' }],
      'x[1]: Duplicate value: {"name":"a"}',
    ],
    ['required', { type: 'object', required: ['a'] }, {}, 'x.a: Required value'],
    [
      'date-time',
      { type: 'string', format: 'date-time' },
      'now',
      'x: Invalid value: "now": x in body must be of type date-time: "now"',
    ],
    [
      'ipv4',
      { type: 'string', format: 'ipv4' },
      '1.2.3',
      'x: Invalid value: "1.2.3": x in body must be of type ipv4: "1.2.3"',
    ],
    [
      'not',
      { type: 'string', not: { enum: ['a'] } },
      'a',
      '<nil>: Invalid value: "": "x" must not validate the schema (not)',
    ],
  ] as const) {
    test(`words what ${name} refuses as the API does`, () => {
      assert.deepEqual(judge(schema, value), expected);
    });
  }

  test('says of alternatives what is missing for the nearest one', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    };
    assert.deepEqual(judge(schema, {}), [
      '<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found none valid',
      'x.a: Required value',
    ]);
    assert.deepEqual(judge(schema, { a: '', b: '' }), [
      '<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ]);
    assert.deepEqual(judge(schema, { a: '' }), []);
  });

  test('takes integers and strings alike where the schema says so, and null only where it may be', () => {
    const either = { 'x-kubernetes-int-or-string': true };
    assert.deepEqual([judge(either, 1), judge(either, '25%')], [[], []]);
    assert.equal(judge(either, 1.5).length, 1);
    assert.deepEqual(judge({ type: 'string', nullable: true }, null), []);
  });

  test('counts 1.0 as an integer and an integer as a number', () => {
    assert.deepEqual(judge({ type: 'integer' }, JSON.parse('1.0')), []);
    assert.deepEqual(judge({ type: 'number' }, 1), []);
  });

  test('leaves alone what an update has not changed', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'integer', maximum: 1 }, b: { type: 'string' } },
    };
    assert.deepEqual(judge(schema, { a: 5, b: 'new' }, { a: 5, b: 'old' }), []);
    assert.equal(judge(schema, { a: 6 }, { a: 5 }).length, 1);
  });

  test('judges a new key of a map, whatever its name', () => {
    const schema = { type: 'object', additionalProperties: { type: 'object', required: ['a'] } };
    const value: unknown = JSON.parse('{"__proto__":{}}');
    assert.deepEqual(judge(schema, value), ['x.__proto__.a: Required value']);
    assert.deepEqual(judge(schema, value, {}), ['x.__proto__.a: Required value']);
  });

  test('asks for one value of a large enum what it asks for one of a small one', () => {
    const values = Array.from({ length: 5_000 }, (_, index) => `value-${index}`);
    let reads = 0;
    const counted = new Proxy(values, {
      get: (target, key, receiver) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
    const schema = { type: 'array', items: { type: 'string', enum: counted } };
    assert.deepEqual(judge(schema, [...values, ...values]), []);
    assert.ok(reads <= 20_000, `${reads} reads`);
    const mixed = { enum: [1, '1', { a: 1, b: [null] }, null] };
    for (const each of [1, '1', { b: [null], a: 1 }, null])
      assert.deepEqual(judge(mixed, each), []);
    for (const each of [2, 'a', { a: 1 }, true]) assert.equal(judge(mixed, each).length, 1);
  });

  test('says when it has found enough', () => {
    const schema = { type: 'array', items: { type: 'string', enum: ['a'.repeat(1000)] } };
    const errors = judge(
      schema,
      Array.from({ length: 5_000 }, () => 'b'),
    );
    assert.equal(errors.length, 1_001);
    assert.match(
      errors.at(-1) ?? '',
      /^<nil>: Forbidden: more than fieldErrorsMax \(1000\) values/,
    );
  });

  test('refuses an object that would take too much work, however the schema is nested', () => {
    const all = { minLength: 1 };
    const nests: Record<string, object> = {
      alternatives: { items: { anyOf: Array.from({ length: 500 }, () => all) } },
      patterns: { items: { type: 'string', pattern: '^(([ab]*)*a[ab]{50})*[xyz]$' } },
      keys: {
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': Array.from({ length: 500 }, (_, index) => `k${index}`),
        items: { type: 'object' },
      },
    };
    const value = Array.from({ length: 300 }, (_, index) => (index % 2 ? {} : 'ab'.repeat(50)));
    for (const [name, schema] of Object.entries(nests)) {
      const root = structuralSchema({ type: 'array', ...schema });
      const effort = new Effort(100_000);
      const errors = finish(validateValue({ value, path: '' }, root, effort));
      assert.ok(effort.isSpent, name);
      assert.match(errors.at(-1)?.detail ?? '', /validationStepsMax/, name);
    }
  });

  test('pauses within a long list, a long map, a long text and many alternatives', () => {
    const text = 'a'.repeat(500_000);
    for (const [schema, value] of [
      [{ items: { type: 'integer' } }, Array.from({ length: 100_000 }, () => 1)],
      [
        { additionalProperties: { type: 'integer' } },
        Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 1])),
      ],
      [{ pattern: '^[a-z]+$' }, text],
      [{ anyOf: [{ pattern: '^[0-9]*b' }, { pattern: 'b' }, { pattern: 'a$' }] }, text],
    ] as const) {
      const walk = validateValue({ value, path: '' }, structuralSchema({ ...schema }));
      let pauses = 0;
      while (walk.next().done !== true) pauses++;
      assert.ok(pauses >= 1, JSON.stringify(schema));
    }
  });

  test('takes a pattern that cannot be read for one that nothing matches', () => {
    assert.deepEqual(judge({ type: 'string', pattern: '[' }, 'a'), [
      'x: Invalid value: "a": x in body should match \'[, but pattern is invalid: error parsing regexp: missing closing ]: `[`\'',
    ]);
  });
});
