import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ApiError } from './api-error.ts';
import type { LabelRequirement } from './label-requirement.ts';
import {
  formatLabelSelector,
  matchesLabelSelector,
  parseLabelSelector,
  parseLabelSelectorObject,
} from './label-selector.ts';

test('parseLabelSelector() reads every operator', () => {
  assert.deepEqual(parseLabelSelector(' b = 1, a==x ,c!=, d in (y,x,), e notin (), f,!g,h>1,i<2'), [
    { key: 'a', operator: '=', values: ['x'] },
    { key: 'b', operator: '=', values: ['1'] },
    { key: 'c', operator: '!=', values: [''] },
    { key: 'd', operator: 'in', values: ['', 'x', 'y'] },
    { key: 'e', operator: 'notin', values: [''] },
    { key: 'f', operator: 'exists', values: [] },
    { key: 'g', operator: 'absent', values: [] },
    { key: 'h', operator: '>', values: ['1'] },
    { key: 'i', operator: '<', values: ['2'] },
  ]);
  assert.deepEqual(parseLabelSelector(''), []);
  assert.deepEqual(parseLabelSelector('in in (in)'), [
    { key: 'in', operator: 'in', values: ['in'] },
  ]);
});

test('parseLabelSelector() says what it found and what it expected', () => {
  const refusals: readonly (readonly [string, string])[] = [
    ['x in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['x in (a', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['x in a', "unable to parse requirement: found 'a' expected: '('"],
    ['x y', "unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt"],
    ['x=(', "unable to parse requirement: found '(', expected: identifier"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['x=a b', "found 'b', expected: ',' or 'end of string'"],
    ['x,', "found '', expected: identifier after ','"],
    [',x', "found ',', expected: !, identifier, or 'end of string'"],
    [
      'x>a',
      "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ];
  for (const [text, message] of refusals) {
    assert.throws(() => parseLabelSelector(text), { name: 'ApiError', code: 400, message }, text);
  }
  assert.throws(
    () => parseLabelSelector('-a=1'),
    /requirement: <nil>: Invalid value: "-a": name part/,
  );
  assert.throws(
    () => parseLabelSelector('a=-'),
    /values\[0\]\[a\]: Invalid value: "-": a valid label/,
  );
});

test('matchesLabelSelector() wants every requirement to hold', () => {
  const labels = { app: 'web', n: '5', empty: '' };
  const selects = (text: string): boolean => matchesLabelSelector(parseLabelSelector(text), labels);
  for (const text of [
    '',
    'app',
    '!db',
    'app=web',
    'app!=x',
    'zone!=x',
    'app in (web,x)',
    'zone notin (x)',
    'n>4',
    'n<6',
    'empty=',
  ]) {
    assert.equal(selects(text), true, text);
  }
  for (const text of [
    'db',
    '!app',
    'app=x',
    'zone=',
    'app notin (web)',
    'n>5',
    'app>1',
    'constructor',
    'app,db',
  ]) {
    assert.equal(selects(text), false, text);
  }
  assert.equal(matchesLabelSelector(parseLabelSelector('!a'), undefined), true);
});

test('parseLabelSelectorObject() joins labels and expressions', () => {
  const selector = parseLabelSelectorObject({
    matchLabels: { b: '1' },
    matchExpressions: [
      { key: 'a', operator: 'In', values: ['y', 'x'] },
      { key: 'c', operator: 'DoesNotExist' },
    ],
  });
  assert.equal(formatLabelSelector(selector), 'a in (x,y),b=1,!c');
  const bad = (operator: string, values: string[]) => () =>
    parseLabelSelectorObject({ matchExpressions: [{ key: 'a', operator, values }] });
  assert.throws(bad('Is', []), /"Is" is not a valid label selector operator/);
  assert.throws(bad('In', []), /values set can't be empty/);
  assert.throws(bad('Exists', ['a']), /values set must be empty/);
});

test('label selectors survive writing and reading', () => {
  const word = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/);
  const one = fc.constantFrom('=' as const, '!=' as const);
  const many = fc.constantFrom('in' as const, 'notin' as const);
  const bare = fc.constantFrom('exists' as const, 'absent' as const);
  const requirement: fc.Arbitrary<Omit<LabelRequirement, 'key'>> = fc.oneof(
    fc.record({ operator: one, values: fc.tuple(fc.oneof(fc.constant(''), word)) }),
    fc.record({
      operator: many,
      values: fc.uniqueArray(word, { minLength: 1 }).map((values) => values.sort()),
    }),
    fc.record({ operator: bare, values: fc.constant([]) }),
  );
  const selector = fc.dictionary(word, requirement, { noNullPrototype: true }).map((entries) =>
    Object.entries(entries)
      .map(([key, rest]) => ({ key, operator: rest.operator, values: rest.values }))
      .sort((left, right) => (left.key < right.key ? -1 : 1)),
  );
  fc.assert(
    fc.property(selector, (expected) => {
      assert.deepEqual(parseLabelSelector(formatLabelSelector(expected)), expected);
    }),
  );
});

test('parseLabelSelector() throws nothing but an ApiError', () => {
  const unit = fc.constantFrom(
    'a',
    'in',
    'notin',
    ' ',
    '=',
    '!',
    '(',
    ')',
    ',',
    '>',
    '<',
    'é',
    '\0',
  );
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      try {
        parseLabelSelector(text);
      } catch (error) {
        assert.ok(error instanceof ApiError);
      }
    }),
  );
});
