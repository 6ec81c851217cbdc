import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonPathError } from './json-path-error.ts';
import { parseJsonPath, parseJsonPathTemplate } from './json-path-template.ts';

const whatAndWhere = {
  name: 'JsonPathError',
  message: /^cannot read the JSONPath: .*, (before|at)/,
};

test('parseJsonPathTemplate() says what is wrong with a template, and where', () => {
  for (const template of [
    '{',
    '{.a',
    '{.a[}',
    '{.a[0}',
    '{range .a}',
    '{end}',
    '{.a[?(@.b ~ 1)]}',
    '{"a}',
    '{foo}',
    '{.a[b]}',
    '{range .a}{end}{end}',
    '{}}{',
    '{.a)}',
  ]) {
    assert.throws(() => parseJsonPathTemplate(template), whatAndWhere, template);
  }
});

test('parseJsonPath() takes one path and nothing beside it', () => {
  for (const path of ['', 'spec', '{.spec}', '.spec }', '.spec .status', '.spec[', '"text"']) {
    assert.throws(() => parseJsonPath(path), whatAndWhere, path);
  }
});

test('parseJsonPath() reads what stands between the braces of a template', () => {
  const piece = fc.constantFrom('.', '..', '[', ']', '*', '?(@', ')', '==', "'a'", 'a', '0', ':');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const path = pieces.join('');
      const steps = stepsOf(path);
      if (steps === undefined) return;
      assert.deepEqual(parseJsonPathTemplate(`{${path}}`), [{ kind: 'path', steps }]);
    }),
  );
});

function stepsOf(path: string): unknown {
  try {
    return parseJsonPath(path);
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}

test('parseJsonPathTemplate() bounds nesting', () => {
  assert.throws(() => parseJsonPathTemplate('{range .a}'.repeat(20_000)), /deep/);
  assert.throws(() => parseJsonPathTemplate(`{${'[?(@'.repeat(20_000)}`), /deep/);
});
