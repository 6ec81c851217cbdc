import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CronSchedule, parseCronSchedule } from './cron-schedule.ts';
import { lastTimeUpTo, nextTimeAfter } from './cron-times.ts';
import { formatZonedTime } from './zone-offset.ts';

function parsed(text: string): CronSchedule {
  const schedule = parseCronSchedule(text);
  assert.ok(typeof schedule !== 'string', text);
  return schedule;
}

/** Times one after another, as clocks of the zone show them. */
function times(text: string, from: string, { zone = 'UTC', count = 1 } = {}): readonly string[] {
  const found: string[] = [];
  let atMs: number | undefined = Date.parse(from);
  for (let at = 0; at < count; at++) {
    atMs = nextTimeAfter(parsed(text), atMs ?? 0, zone);
    found.push(atMs === undefined ? 'never' : formatZonedTime(zone, atMs));
    if (atMs === undefined) break;
  }
  return found;
}

test('nextTimeAfter() finds the times that cron has', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['* * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'],
    ['* * * * *', '2026-01-01T00:00:59.999Z', '2026-01-01T00:01:00Z'],
    ['*/15 * * * *', '2026-01-01T00:46:00Z', '2026-01-01T01:00:00Z'],
    ['5/20 * * * *', '2026-01-01T00:26:00Z', '2026-01-01T00:45:00Z'],
    ['0 9-17/4 * * MON-fri', '2026-01-02T17:00:00Z', '2026-01-05T09:00:00Z'],
    ['0 0 31 * *', '2026-01-31T00:00:00Z', '2026-03-31T00:00:00Z'],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 30 2 *', '2026-01-01T00:00:00Z', 'never'],
    // A day of the month or of the week, unless one is left open; with a step it is not.
    ['0 0 13 * 5', '2026-01-03T00:00:00Z', '2026-01-09T00:00:00Z'],
    ['0 0 13 * *', '2026-01-03T00:00:00Z', '2026-01-13T00:00:00Z'],
    ['0 0 */20 * 5', '2026-01-02T00:00:00Z', '2026-01-09T00:00:00Z'],
    ['@hourly', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
    ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['@monthly', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
    ['@yearly', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['@every 90s', '2026-01-01T00:00:00.700Z', '2026-01-01T00:01:30Z'],
    ['@every 1ms', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'],
    ['TZ=Asia/Tokyo 0 9 * * *', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  ];
  for (const [text, from, expected] of cases) assert.equal(times(text, from)[0], expected, text);
});

test('nextTimeAfter() leaves out the hour that clocks leave out, and comes twice in the one they repeat', () => {
  const zone = 'Europe/Berlin';
  assert.deepEqual(times('30 2 * * *', '2026-03-28T00:00:00Z', { zone, count: 3 }), [
    '2026-03-28T02:30:00+01:00',
    '2026-03-30T02:30:00+02:00',
    '2026-03-31T02:30:00+02:00',
  ]);
  assert.deepEqual(times('30 2 * * *', '2026-10-24T12:00:00Z', { zone, count: 3 }), [
    '2026-10-25T02:30:00+02:00',
    '2026-10-25T02:30:00+01:00',
    '2026-10-26T02:30:00+01:00',
  ]);
  assert.deepEqual(times('0 */2 * * *', '2026-03-29T00:00:00Z', { zone, count: 2 }), [
    '2026-03-29T04:00:00+02:00',
    '2026-03-29T06:00:00+02:00',
  ]);
  assert.deepEqual(times('15 0 * * *', '2026-01-01T00:00:00Z', { zone: 'Asia/Kolkata' }), [
    '2026-01-02T00:15:00+05:30',
  ]);
});

test('lastTimeUpTo() finds the last of whatever was missed, and counts no further than asked', () => {
  const last = (text: string, after: string, now: string): string => {
    const span = { afterMs: Date.parse(after), nowMs: Date.parse(now), countMax: 101 };
    const found = lastTimeUpTo(parsed(text), span);
    return found === undefined
      ? 'none'
      : `${new Date(found.timeMs).toISOString().slice(0, 19)} ${found.count}`;
  };
  assert.equal(last('0 * * * *', '2026-01-01T00:10:00Z', '2026-01-01T00:50:00Z'), 'none');
  assert.equal(
    last('0 * * * *', '2026-01-01T00:10:00Z', '2026-01-01T03:00:00Z'),
    '2026-01-01T03:00:00 3',
  );
  assert.equal(
    last('* * * * *', '2006-01-01T00:00:00Z', '2026-01-01T00:00:30Z'),
    '2026-01-01T00:00:00 101',
  );
  assert.equal(
    last('0 0 1 * *', '2006-01-01T00:00:00Z', '2026-01-31T00:00:00Z'),
    '2026-01-01T00:00:00 101',
  );
  assert.equal(
    last('@every 1m', '2006-01-01T00:00:10Z', '2026-01-01T00:00:30Z'),
    '2026-01-01T00:00:10 101',
  );
});
