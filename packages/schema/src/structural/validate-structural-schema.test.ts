import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Effort } from '../walk.ts';
import { validateStructuralSchema } from './validate-structural-schema.ts';

/** What is wrong with a schema of one field, and how often that paused. */
function judge(field: object, effort?: Effort) {
  const schema = { type: 'object', properties: { field } };
  const walk = validateStructuralSchema({ schema, path: 'schema' }, effort);
  for (let pauses = 0; ; pauses++) {
    const step = walk.next();
    if (step.done === true) return { errors: step.value, pauses };
  }
}

function fields(count: number, field: object): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, field]));
}

const text = { type: 'string' };

suite('validateStructuralSchema', () => {
  test('pauses within a schema of many parts, whichever they are', () => {
    for (const [name, field] of Object.entries({
      fields: { type: 'object', properties: fields(20_000, text) },
      alternatives: {
        type: 'object',
        properties: fields(10, text),
        anyOf: Array.from({ length: 2_000 }, () => ({ properties: fields(10, { minLength: 1 }) })),
      },
      patterns: {
        type: 'object',
        properties: fields(300, { ...text, pattern: '(a|b)'.repeat(50) }),
      },
      classes: { ...text, pattern: '\\p{Greek}\\p{Thai}' },
    })) {
      const { errors, pauses } = judge(field);
      assert.deepEqual(errors, [], name);
      assert.ok(pauses >= 2, `${name}: ${pauses} pauses`);
    }
  });

  test('says when it has found enough, of keywords and of structure', () => {
    for (const wrong of [{ type: 5 }, { type: 'bogus' }]) {
      const { errors } = judge({ type: 'object', properties: fields(2_000, wrong) });
      assert.equal(errors.length, 1_001);
      assert.match(
        errors.at(-1)?.detail ?? '',
        /^more than schemaErrorsMax \(1000\) parts are wrong/,
      );
    }
  });

  test('refuses a schema that would take too much work', () => {
    for (const [name, field] of Object.entries({
      fields: { type: 'object', properties: fields(1_000, text) },
      patterns: { ...text, pattern: 'a{1000}' },
      defaults: { type: 'array', items: text, default: Array.from({ length: 2_000 }, () => 'a') },
      alternatives: { ...text, anyOf: Array.from({ length: 500 }, () => ({ minLength: 1 })) },
    })) {
      const effort = new Effort(30_000);
      const { errors } = judge(field, effort);
      assert.ok(effort.isSpent, name);
      assert.match(errors.at(-1)?.detail ?? '', /definitionStepsMax/, name);
      assert.deepEqual(judge(field).errors, [], name);
    }
  });

  test('takes any number of wrong keys of a list', () => {
    const keys = Array.from({ length: 300_000 }, () => 'a');
    const items = { type: 'object', properties: {} };
    const list = { type: 'array', items, 'x-kubernetes-list-type': 'map' };
    const { errors } = judge({ ...list, 'x-kubernetes-list-map-keys': keys });
    assert.equal(errors.length, 1_001);
  });
});
