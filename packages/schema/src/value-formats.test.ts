import assert from 'node:assert/strict';
import test from 'node:test';
import { valueFormats } from './value-formats.ts';

const has = (format: string, value: string): boolean | undefined =>
  valueFormats.get(format)?.(value);

test('valueFormats take base64 with line breaks, and durations in both spellings', () => {
  for (const value of ['', 'aGk=', 'aG\r\nk=\n', 'aGlo']) assert.equal(has('byte', value), true);
  for (const value of ['a', 'aGk', '=aGk', 'aG!=']) assert.equal(has('byte', value), false);
  for (const value of ['0', '1h30m', '1.5s', '.5s', '1.s', '-2ms', '3 days', '2weeks']) {
    assert.equal(has('duration', value), true, value);
  }
  for (const value of ['', '1', '.s', '1h 30m', 'days']) {
    assert.equal(has('duration', value), false, value);
  }
});

test('valueFormats take times without leap seconds, and with a T', () => {
  for (const value of ['2024-01-02T03:04:05Z', '2024-01-02t03:04:05.5+01:00']) {
    assert.equal(has('date-time', value), true, value);
  }
  for (const value of ['2024-01-02 03:04:05Z', '2024-01-02T03:04:60Z', '2024-02-30T00:00:00Z']) {
    assert.equal(has('date-time', value), false, value);
  }
});

// Each of these takes hours when an expression tries all ways to split the text.
test('valueFormats refuse a long text at once', () => {
  const length = 1_000_000;
  const texts = ['1', '.1', '\n', '\r\n', 'a', 'a.', 'a-', '0:', '@', '=', ' '];
  for (const format of valueFormats.keys()) {
    for (const text of texts) {
      assert.equal(has(format, `1${text.repeat(length / text.length)}!\u0000`), false, format);
    }
  }
});
