import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ApiError } from './api-error.ts';
import { type ListOptions, formatListOptions, parseListOptions } from './list-options.ts';

test('parseListOptions() reads every option', () => {
  const query =
    'labelSelector=a%3Db&fieldSelector=metadata.name%3Dx&limit=5&continue=c&watch=0' +
    '&allowWatchBookmarks=true&timeoutSeconds=7';
  assert.deepEqual(parseListOptions(query), {
    labelSelector: 'a=b',
    fieldSelector: 'metadata.name=x',
    limit: 5,
    continue: 'c',
    watch: false,
    allowWatchBookmarks: true,
    timeoutSeconds: 7,
  });
  assert.deepEqual(parseListOptions('resourceVersion=&limit=0&other=1'), { limit: 0 });
});

test('parseListOptions() refuses options that do not go together', () => {
  const prefix = 'ListOptions.meta.k8s.io "" is invalid: ';
  const refusals: readonly (readonly [string, string])[] = [
    [
      'resourceVersion=0&resourceVersionMatch=Exact',
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      'resourceVersionMatch=Exact',
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersion=1&resourceVersionMatch=Exact&continue=x',
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for continue',
    ],
    [
      'resourceVersion=1&resourceVersionMatch=X',
      'resourceVersionMatch: Unsupported value: "X": supported values: "Exact", "NotOlderThan", ""',
    ],
    [
      'sendInitialEvents=true',
      'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    ],
    [
      'watch=1&sendInitialEvents=true',
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
    [
      'watch=1&resourceVersionMatch=NotOlderThan',
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ],
  ];
  for (const [query, message] of refusals) {
    assert.throws(() => parseListOptions(query), { code: 422, message: prefix + message }, query);
  }
  const detailsOf = (query: string): unknown => {
    try {
      return parseListOptions(query);
    } catch (error) {
      return error instanceof ApiError ? error.status.details : error;
    }
  };
  assert.deepEqual(detailsOf('resourceVersionMatch=Exact'), {
    group: 'meta.k8s.io',
    kind: 'ListOptions',
    causes: [
      {
        reason: 'FieldValueForbidden',
        message: 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
        field: 'resourceVersionMatch',
      },
    ],
  });
});

test('parseListOptions() refuses values that it cannot read', () => {
  const refusals: readonly (readonly [string, string])[] = [
    [
      'resourceVersion=abc',
      'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    ],
    [
      'resourceVersion=-1',
      'invalid resource version: resourceVersion: Invalid value: "-1": strconv.ParseUint: parsing "-1": invalid syntax',
    ],
    [
      'resourceVersion=99999999999999999999',
      'invalid resource version: resourceVersion: Invalid value: "99999999999999999999": strconv.ParseUint: parsing "99999999999999999999": value out of range',
    ],
    ['limit=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    [
      'timeoutSeconds=9223372036854775808',
      'strconv.ParseInt: parsing "9223372036854775808": value out of range',
    ],
    ['limit=', 'strconv.ParseInt: parsing "": invalid syntax'],
  ];
  for (const [query, message] of refusals) {
    assert.throws(() => parseListOptions(query), { code: 400, message }, query);
  }
});

test('list options survive writing and reading', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' });
  const options: fc.Arbitrary<ListOptions> = fc.record(
    {
      labelSelector: text,
      fieldSelector: text,
      limit: fc.nat(),
      continue: text,
      watch: fc.boolean(),
      allowWatchBookmarks: fc.boolean(),
      timeoutSeconds: fc.nat(),
      resourceVersion: fc.nat().map(String),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(options, (expected) => {
      assert.deepEqual(parseListOptions(formatListOptions(expected)), expected);
    }),
  );
});

test('parseListOptions() throws nothing but an ApiError', () => {
  const name = fc.constantFrom('limit', 'resourceVersion', 'resourceVersionMatch', 'watch', 'x');
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string())), (pairs) => {
      try {
        parseListOptions(pairs.map(([key, value]) => `${key}=${value}`).join('&'));
      } catch (error) {
        assert.ok(error instanceof ApiError);
      }
    }),
  );
});
