import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readGoTime } from './go-time.ts';
import { parseTime } from './timestamps.ts';

const read = (text: string, precision: 'seconds' | 'micros' = 'seconds'): string | undefined => {
  const time = readGoTime(text, precision);
  return time.kind === 'time' ? time.text : time.problem;
};

test('readGoTime() keeps a time in UTC, with the digits of its precision', () => {
  assert.equal(read('2026-01-02T03:04:05Z'), '2026-01-02T03:04:05Z');
  assert.equal(read('2026-01-02T03:04:05.9+02:00'), '2026-01-02T01:04:05Z');
  assert.equal(read('2024-02-29T1:04:05,5-07:00'), '2024-02-29T08:04:05Z');
  assert.equal(read('0000-01-01T00:00:00Z'), '0000-01-01T00:00:00Z');
  assert.equal(read('0001-01-01T00:00:00Z'), undefined);
  assert.equal(read('0001-01-01T00:00:00.000000Z', 'micros'), undefined);
  assert.equal(read('0001-01-01T00:00:00.000001Z', 'micros'), '0001-01-01T00:00:00.000001Z');
  assert.equal(read('2026-01-02T03:04:05,123456+00:30', 'micros'), '2026-01-02T02:34:05.123456Z');
});

test('readGoTime() says what is wrong as Go does', () => {
  const whole = (text: string): string => `parsing time "${text}" as "2006-01-02T15:04:05Z07:00": `;
  const cases: Readonly<Record<string, string>> = {
    '2026-02-29T00:00:00Z': 'parsing time "2026-02-29T00:00:00Z": day out of range',
    '2026-01-00T00:00:00Z': 'parsing time "2026-01-00T00:00:00Z": day out of range',
    '2026-01-02T24:00:00Z': 'parsing time "2026-01-02T24:00:00Z": hour out of range',
    '2026-01-02T00:60:00Z': 'parsing time "2026-01-02T00:60:00Z": minute out of range',
    '2026-01-02T00:00:60Z': 'parsing time "2026-01-02T00:00:60Z": second out of range',
    '2026-01-02T00:00:00+25:00':
      'parsing time "2026-01-02T00:00:00+25:00": time zone offset hour out of range',
    '2026-01-02T00:00:00Z ': 'parsing time "2026-01-02T00:00:00Z ": extra text: " "',
    '2026-01-02T00:00:00+1': `${whole('2026-01-02T00:00:00+1')}cannot parse "+1" as "Z07:00"`,
    '9999-12-31T23:59:59-01:00': 'parsing time "9999-12-31T23:59:59-01:00": year out of range',
  };
  for (const [text, problem] of Object.entries(cases)) assert.equal(read(text), problem);
  assert.equal(
    read('"\\é'),
    `${whole(String.raw`\"\\\xc3\xa9`)}cannot parse ${String.raw`"\"\\\xc3\xa9"`} as "2006"`,
  );
});

test('readGoTime() answers any text, and what it keeps is a time that stays as it is', () => {
  const odd = fc.string({ unit: fc.constantFrom(...'0123456789-T:.,Z+ "é') });
  const near = fc.date({ noInvalidDate: true }).chain((date) =>
    fc.tuple(fc.nat(40), odd).map(([at, text]) => {
      const whole = date.toISOString();
      return whole.slice(0, at) + text + whole.slice(at + text.length);
    }),
  );
  fc.assert(
    fc.property(fc.oneof(odd, near), fc.constantFrom('seconds', 'micros'), (text, precision) => {
      const time = readGoTime(text, precision);
      if (time.kind === 'malformed') return assert.match(time.problem, /^parsing time "/);
      if (time.text === undefined) return undefined;
      assert.deepEqual(readGoTime(time.text, precision), time);
      return assert.notEqual(parseTime(time.text), undefined);
    }),
  );
});
