import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ApiError } from './api-error.ts';
import { formatFieldSelector, matchesFieldSelector, parseFieldSelector } from './field-selector.ts';

test('parseFieldSelector() reads = == != and escapes', () => {
  assert.deepEqual(parseFieldSelector('a=1,b==2,c!=3,d=x\\,y\\=\\\\,'), [
    { field: 'a', isEqual: true, value: '1' },
    { field: 'b', isEqual: true, value: '2' },
    { field: 'c', isEqual: false, value: '3' },
    { field: 'd', isEqual: true, value: 'x,y=\\' },
  ]);
  assert.deepEqual(parseFieldSelector(''), []);
});

test('parseFieldSelector() says what it does not understand', () => {
  assert.throws(() => parseFieldSelector('a=1,b'), {
    code: 400,
    message: "invalid selector: 'a=1,b'; can't understand 'b'",
  });
  assert.throws(() => parseFieldSelector('a=b=c'), /unescaped character/);
  assert.throws(() => parseFieldSelector('a=\\x'), /invalid escape sequence: \\x/);
  assert.throws(() => parseFieldSelector('a=b\\'), ApiError);
});

test('matchesFieldSelector() wants every requirement to hold', () => {
  const fields: Readonly<Record<string, string>> = { 'metadata.name': 'a', 'status.phase': '' };
  const matches = (text: string): boolean =>
    matchesFieldSelector(parseFieldSelector(text), (field) => fields[field] ?? '');
  assert.equal(matches('metadata.name=a,status.phase!=Running'), true);
  assert.equal(matches('metadata.name=b'), false);
  assert.equal(matches('status.phase='), true);
});

test('field selectors survive writing and reading', () => {
  const requirement = fc.record(
    {
      field: fc.stringMatching(/^[a-zA-Z.]+$/),
      isEqual: fc.boolean(),
      value: fc.string(),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(requirement), (selector) => {
      assert.deepEqual(parseFieldSelector(formatFieldSelector(selector)), selector);
    }),
  );
});

test('parseFieldSelector() throws nothing but an ApiError', () => {
  const character = fc.constantFrom(..."ab=!,\\' ");
  fc.assert(
    fc.property(fc.string({ unit: character }), (text) => {
      try {
        parseFieldSelector(text);
      } catch (error) {
        assert.ok(error instanceof ApiError);
      }
    }),
  );
});
