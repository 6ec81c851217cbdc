import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Moment, plainTimeText, sinceText, timeText } from './moment.ts';

const at = (utcOffsetMinutes: number): Moment => ({
  nowMs: Date.parse('2026-03-01T00:01:00Z'),
  utcOffsetMinutes: () => utcOffsetMinutes,
});

test('times are told by the clock of whoever looks', () => {
  const time = '2026-02-28T23:30:00Z';
  assert.equal(timeText(time, at(0)), 'Sat, 28 Feb 2026 23:30:00 +0000');
  assert.equal(timeText(time, at(60)), 'Sun, 01 Mar 2026 00:30:00 +0100');
  assert.equal(
    timeText('2026-02-28T23:30:00.999999Z', at(-210)),
    'Sat, 28 Feb 2026 20:00:00 -0330',
  );
  assert.equal(plainTimeText(time, at(0)), '2026-02-28 23:30:00 +0000 UTC');
  assert.equal(plainTimeText(time, at(345)), '2026-03-01 05:15:00 +0545 +0545');
  assert.equal(plainTimeText(time, at(-180)), '2026-02-28 20:30:00 -0300 -03');
  assert.equal(sinceText(time, at(60)), '31m');
});

test('no time is the first second of the first year', () => {
  assert.equal(timeText(undefined, at(60)), 'Mon, 01 Jan 0001 00:00:00 +0000');
  assert.equal(plainTimeText(undefined, at(60)), '0001-01-01 00:00:00 +0000 UTC');
  assert.equal(sinceText(undefined, at(60)), '<unknown>');
});
