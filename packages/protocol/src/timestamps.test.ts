import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatMicroTime, formatTime, parseTime } from './timestamps.ts';

test('formatTime() and formatMicroTime() write what the API writes', () => {
  assert.equal(formatTime(1_795_305_275_999), '2026-11-21T23:54:35Z');
  assert.equal(formatMicroTime(1_795_305_275_000.25), '2026-11-21T23:54:35.000250Z');
  assert.equal(formatTime(-1), '1969-12-31T23:59:59Z');
});

test('parseTime() takes RFC 3339 and nothing else', () => {
  assert.equal(parseTime('2026-11-21T23:54:35Z'), 1_795_305_275_000);
  assert.equal(parseTime('2026-11-22T00:54:35+01:00'), 1_795_305_275_000);
  assert.equal(parseTime('2026-11-21T23:54:35.5-00:00'), 1_795_305_275_500);
  assert.equal(parseTime('2024-02-29T00:00:00Z'), 1_709_164_800_000);
  for (const text of [
    '',
    '2026',
    '2026-11-21',
    '2026-02-29T00:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21t23:54:35z',
    '2026-13-01T00:00:00Z',
    '2026-11-21T23:54:35',
    '2026-11-21T23:54:35+24:00',
    ' 2026-11-21T23:54:35Z',
  ]) {
    assert.equal(parseTime(text), undefined, text);
  }
});

test('times survive writing and reading', () => {
  const max = Date.parse('9999-12-31T23:59:59Z') / 1000;
  fc.assert(
    fc.property(fc.integer({ min: 0, max }), (seconds) => {
      assert.equal(parseTime(formatTime(seconds * 1000)), seconds * 1000);
      assert.equal(parseTime(formatMicroTime(seconds * 1000)), seconds * 1000);
    }),
  );
});
