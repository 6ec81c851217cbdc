import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandVariables } from './expand-variables.ts';

test('expandVariables() puts in what is known, and leaves the rest as it is written', () => {
  const values: Record<string, string> = { A: 'a', EMPTY: '', NESTED: '$(A)' };
  const cases: Record<string, string> = {
    '$(A)-$(A)': 'a-a',
    'x$(EMPTY)y': 'xy',
    '$(NESTED)': '$(A)',
    '$(UNKNOWN)': '$(UNKNOWN)',
    '$$(A)': '$(A)',
    '$$$(A)': '$a',
    '$A ${A} $ $(': '$A ${A} $ $(',
  };
  for (const [text, expanded] of Object.entries(cases)) {
    assert.equal(
      expandVariables(text, (name) => values[name]),
      expanded,
      text,
    );
  }
});
