import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { OpenApiSchema } from '@fairway/kinds/schema';
import { Effort } from '../walk.ts';
import { validateRuleDefinitions } from './validate-rule-definitions.ts';

/** What is wrong with a schema of one field, and how often that paused. */
function judge(field: OpenApiSchema, effort?: Effort) {
  const schema = { type: 'object', properties: { field } };
  const walk = validateRuleDefinitions({ schema, path: 'schema' }, effort);
  for (let pauses = 0; ; pauses++) {
    const step = walk.next();
    if (step.done === true) return { errors: step.value, pauses };
  }
}

function withRules(schema: OpenApiSchema, ...rules: readonly object[]): OpenApiSchema {
  return { ...schema, 'x-kubernetes-validations': rules };
}

const at = 'schema.properties[field].x-kubernetes-validations';

// What a recorded server says of definitions is in packages/apiserver/test/recorded-rules.test.ts.
suite('validateRuleDefinitions', () => {
  test('refuses rules of what has no type, which would never be asked', () => {
    const untyped = { 'x-kubernetes-preserve-unknown-fields': true };
    const { errors } = judge(withRules(untyped, { rule: 'true' }));
    assert.deepEqual(
      errors.map(({ field, detail }) => `${field}: ${detail}`),
      [
        `${at}: internal error: failed to retrieve type information for x-kubernetes-validations rules`,
      ],
    );
    assert.deepEqual(
      judge(withRules({ 'x-kubernetes-int-or-string': true }, { rule: 'self != 1' })).errors,
      [],
    );
  });

  test('holds defaults against the rules, at any depth', () => {
    const inner = withRules({ type: 'integer', default: 1 }, { rule: 'self > 5' });
    const rule = { rule: 'self.a > self.b', message: 'more of a', fieldPath: '.a' };
    const field = withRules(
      { type: 'object', properties: { a: inner, b: { type: 'integer' } }, default: { a: 6, b: 7 } },
      rule,
    );
    const errors = judge(field).errors.map((error) => `${error.field}: ${error.detail}`);
    assert.deepEqual(errors, [
      'schema.properties[field].default.a: more of a',
      'schema.properties[field].properties[a].default: failed rule: self > 5',
    ]);
  });

  test('the defaults of a schema may cost what one object may, all together', () => {
    const list = { type: 'array', maxItems: 350, items: { type: 'string', maxLength: 3 } };
    const property = withRules(
      { ...list, default: Array.from({ length: 350 }, (_, at) => `${at}`) },
      { rule: 'self.all(x, self.exists(y, y == x))' },
    );
    const names = Array.from({ length: 30 }, (_, index) => [`p${index}`, property] as const);
    const { errors } = judge({ type: 'object', properties: Object.fromEntries(names) });
    assert.equal(errors.length, 1);
    assert.match(errors[0]?.detail ?? '', /running out of cost budget/);
  });

  test('counts what a rule takes for every rule, and pauses between them', () => {
    const rule = { rule: `self.size() > 0${' && self != "a"'.repeat(200)}` };
    const field = withRules(
      { type: 'string', maxLength: 10 },
      ...Array.from({ length: 100 }, () => rule),
    );
    const { errors, pauses } = judge(field);
    assert.deepEqual(errors, []);
    assert.ok(pauses > 5, `${pauses} pauses`);
    const effort = new Effort(1_000_000);
    assert.match(judge(field, effort).errors.at(-1)?.detail ?? '', /definitionStepsMax/);
  });

  test('a rule of several lines must have a message', () => {
    const { errors } = judge(withRules({ type: 'string' }, { rule: 'self\n== "a"' }));
    assert.deepEqual(
      errors.map(({ field, detail }) => `${field}: ${detail}`),
      [`${at}[0].message: message must be specified if rule contains line breaks`],
    );
  });
});
