import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatDuration, humanDuration, parseDuration } from './duration.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

test('formatDuration() writes what the API writes', () => {
  const forms: readonly (readonly [number, string])[] = [
    [0, '0s'],
    [hour, '1h0m0s'],
    [90 * second, '1m30s'],
    [1500, '1.5s'],
    [250, '250ms'],
    [0.25, '250µs'],
    [0.0015, '1.5µs'],
    [0.000001, '1ns'],
    [-hour, '-1h0m0s'],
    [100 * hour + 1, '100h0m0.001s'],
  ];
  for (const [ms, text] of forms) {
    assert.equal(formatDuration(ms), text);
    assert.equal(parseDuration(text), ms, text);
  }
});

test('parseDuration() takes sums of decimals with units', () => {
  assert.equal(parseDuration('1h30m'), 1.5 * hour);
  assert.equal(parseDuration('+.5s1.m'), 60_500);
  assert.equal(parseDuration('0'), 0);
  for (const text of [
    '',
    '1',
    's',
    '.s',
    '1d',
    '1h 1m',
    '-',
    '1e3s',
    `${'9'.repeat(20)}s`,
    '9999999999s9999999999s',
  ]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

test('durations survive writing and reading', () => {
  fc.assert(
    fc.property(fc.integer(), (ms) => {
      assert.equal(parseDuration(formatDuration(ms)), ms);
    }),
  );
});

test('humanDuration() prints ages as kubectl does', () => {
  const ages: readonly (readonly [number, string])[] = [
    [-2 * second, '<invalid>'],
    [-1 * second, '0s'],
    [-1, '0s'],
    [0, '0s'],
    [999, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [2 * minute + second, '2m1s'],
    [10 * minute - second, '9m59s'],
    [10 * minute + second, '10m'],
    [180 * minute - 1, '179m'],
    [3 * hour, '3h'],
    [3 * hour + 20 * minute, '3h20m'],
    [8 * hour, '8h'],
    [8 * hour + 5 * minute, '8h'],
    [48 * hour - 1, '47h'],
    [2 * day, '2d'],
    [2 * day + 3 * hour, '2d3h'],
    [8 * day, '8d'],
    [8 * day + 5 * hour, '8d'],
    [2 * 365 * day - 1, '729d'],
    [2 * 365 * day, '2y'],
    [2 * 365 * day + day, '2y1d'],
    [8 * 365 * day, '8y'],
    [8 * 365 * day + 9 * day, '8y'],
  ];
  for (const [ms, text] of ages) assert.equal(humanDuration(ms), text, String(ms));
});

test('parseDuration() is quick and quiet about anything', () => {
  const unit = fc.constantFrom(...'0123456789.+-hmsnuµ');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      parseDuration(text);
    }),
  );
  assert.equal(parseDuration('1'.repeat(100_000)), undefined);
});
