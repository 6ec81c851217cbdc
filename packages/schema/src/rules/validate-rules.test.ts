import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { OpenApiSchema } from '@fairway/kinds/schema';
import type { Walk } from '../walk.ts';
import { compileRules } from './rule-tree.ts';
import { type RuleFindings, validateRules } from './validate-rules.ts';

/** Runs a walk to its end, and counts how often it paused. */
function run<T>(walk: Walk<T>): { readonly value: T; readonly pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const step = walk.next();
    if (step.done === true) return { value: step.value, pauses };
  }
}

function judge(
  schema: OpenApiSchema,
  value: unknown,
  stored?: unknown,
): RuleFindings & { readonly pauses: number } {
  const { value: node } = run(compileRules(schema));
  assert.ok(node !== undefined);
  const { value: found, pauses } = run(validateRules({ value, path: '', stored }, node));
  return { errors: found.errors, warnings: found.warnings, pauses };
}

function texts({ errors }: RuleFindings): readonly string[] {
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
}

function spec(properties: object, rules: readonly object[] = []): OpenApiSchema {
  const own = { type: 'object', properties, 'x-kubernetes-validations': rules };
  return { type: 'object', properties: { spec: own } };
}

const integer = { type: 'integer' };
const list = { type: 'array', items: { type: 'string' } };

suite('validateRules', () => {
  test('stops when the rules of one object cost more than costPerBudgetMax together', () => {
    const rule = { rule: 'self.l.all(x, self.l.exists(y, y == x))' };
    const schema = spec(
      { l: list },
      Array.from({ length: 30 }, () => rule),
    );
    const l = Array.from({ length: 350 }, (_, index) => `${index}`);
    const { errors, pauses } = judge(schema, { spec: { l } });
    const [error, ...others] = errors;
    assert.match(error?.detail ?? '', /running out of cost budget, no further validation rules/);
    assert.deepEqual(others, []);
    assert.ok(pauses > 5, `${pauses} pauses`);
    assert.deepEqual(judge(schema, { spec: { l: l.slice(0, 10) } }).errors, []);
  });

  test('one rule may cost costPerCallMax', () => {
    const schema = spec({ l: list }, [{ rule: 'self.l.all(x, self.l.all(y, x != "q"))' }]);
    const l = Array.from({ length: 1_000 }, () => 'a');
    assert.deepEqual(texts(judge(schema, { spec: { l } })), [
      'spec: operation cancelled: actual cost limit exceeded: no further validation rules will be run due to call cost exceeds limit for rule: self.l.all(x, self.l.all(y, x != "q"))',
    ]);
  });

  test('regular expressions may together do matchStepsMax', () => {
    const rule = "self.s.matches('(a{1,100}){1,10}b')";
    const schema = spec({ s: { type: 'string' } }, [{ rule }]);
    const [text = ''] = texts(judge(schema, { spec: { s: 'a'.repeat(200_000) } }));
    assert.match(text, /regular expressions take more work than one object may cause/);
    assert.deepEqual(texts(judge(schema, { spec: { s: 'aaab' } })), []);
  });

  test('a message that is too long, or has several lines, gives way to the written one', () => {
    const schema = spec({ s: { type: 'string' } }, [
      { rule: 'self.s.size() == 0', messageExpression: 'self.s', message: 'written' },
    ]);
    assert.deepEqual(texts(judge(schema, { spec: { s: 'made' } })), ['spec: made']);
    const longest = 'é'.repeat(2_560);
    assert.deepEqual(texts(judge(schema, { spec: { s: longest } })), [`spec: ${longest}`]);
    assert.deepEqual(texts(judge(schema, { spec: { s: ' made\n' } })), ['spec: made']);
    for (const s of ['a'.repeat(5_121), `${longest}a`, 'a\nb', ' ']) {
      assert.deepEqual(texts(judge(schema, { spec: { s } })), ['spec: written']);
    }
  });

  test('no more than a thousand broken rules are told of', () => {
    const items = { ...integer, 'x-kubernetes-validations': [{ rule: 'self > 0' }] };
    const l = Array.from({ length: 1_500 }, () => 0);
    const { errors } = judge(spec({ l: { type: 'array', items } }), { spec: { l } });
    assert.equal(errors.length, 1_000);
  });

  test('patterns that come from the object count too', () => {
    const schema = spec({ l: list }, [{ rule: "self.l.all(p, !'x'.matches(p))" }]);
    const l = Array.from({ length: 900 }, (_, at) => `${at}${'a'.repeat(1_000)}`);
    const [text = ''] = texts(judge(schema, { spec: { l } }));
    assert.match(text, /operation cancelled/);
    assert.deepEqual(texts(judge(schema, { spec: { l: l.slice(0, 9) } })), []);
  });

  test('what was as wrong before is warned of, unless the rule compares', () => {
    const schema = spec({ a: integer, b: integer }, [
      { rule: 'self.a < 5', message: 'small' },
      { rule: 'self.b == oldSelf.b && self.a < 5', message: 'kept' },
    ]);
    const object = { spec: { a: 9, b: 1 } };
    const same = judge(schema, object, structuredClone(object));
    assert.deepEqual(same.warnings, ['spec: Invalid value: small']);
    assert.deepEqual(texts(same), ['spec: kept']);
    const changed = judge(schema, object, { spec: { a: 9, b: 2 } });
    assert.deepEqual(texts(changed), ['spec: small', 'spec: kept']);
    assert.deepEqual(texts(judge(schema, object)), ['spec: small']);
  });

  test('a new key of a map has nothing old, whatever its name', () => {
    const kept = { ...integer, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] };
    const schema = spec({
      m: { type: 'object', additionalProperties: kept },
      constructor: kept,
    });
    const after = { spec: { m: { toString: 1, constructor: 2 }, constructor: 3 } };
    for (const before of [undefined, { spec: { m: {} } }]) {
      assert.deepEqual(texts(judge(schema, after, before)), []);
    }
  });

  test('items of a list that is a map are compared by their keys', () => {
    const items = {
      type: 'object',
      properties: { k: { type: 'string' }, v: integer },
      'x-kubernetes-validations': [{ rule: 'self.v >= oldSelf.v', message: 'grows' }],
    };
    const l = {
      type: 'array',
      items,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    };
    const before = {
      spec: {
        l: [
          { k: 'a', v: 2 },
          { k: 'b', v: 2 },
        ],
      },
    };
    const after = {
      spec: {
        l: [
          { k: 'b', v: 1 },
          { k: 'c', v: 0 },
          { k: 'a', v: 3 },
        ],
      },
    };
    assert.deepEqual(texts(judge(spec({ l }), after, before)), ['spec.l[0]: grows']);
  });

  test('rules within maps and lists are found at their places', () => {
    const positive = { ...integer, 'x-kubernetes-validations': [{ rule: 'self > 0' }] };
    const schema = spec({
      m: { type: 'object', additionalProperties: positive },
      l: { type: 'array', items: positive },
    });
    const object = { spec: { m: { a: 1, b: 0 }, l: [0, 1] } };
    assert.deepEqual(texts(judge(schema, object)), [
      'spec.m.b: failed rule: self > 0',
      'spec.l[0]: failed rule: self > 0',
    ]);
  });

  test('what was stored before the schema changed may be of any type', () => {
    const schema = spec({ a: { type: 'string' }, l: list }, [
      { rule: "oldSelf.a.startsWith('x')" },
      { rule: "oldSelf.l.join(',') == 'a'" },
    ]);
    const after = { spec: { a: 'x', l: ['a'] } };
    assert.deepEqual(texts(judge(schema, after, { spec: { a: 5, l: { b: 1 } } })), [
      "spec: no such overload: startsWith(int, string): call arguments did not match a supported operator, function or macro signature for rule: oldSelf.a.startsWith('x')",
      "spec: no such overload: join(map, string): call arguments did not match a supported operator, function or macro signature for rule: oldSelf.l.join(',') == 'a'",
    ]);
  });

  test('a rule that cannot be compiled any more says so, and the others hold', () => {
    const schema = spec({ a: integer }, [{ rule: 'self.gone' }, { rule: 'self.a > 0' }]);
    const [first = '', second] = texts(judge(schema, { spec: { a: 0 } }));
    assert.match(first, /^spec: rule compile error: ERROR: <input>:1:5: undefined field 'gone'/);
    assert.equal(second, 'spec: failed rule: self.a > 0');
  });
});
