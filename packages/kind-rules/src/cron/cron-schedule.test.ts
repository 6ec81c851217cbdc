import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { parseCronSchedule } from './cron-schedule.ts';

test('parseCronSchedule takes what cron takes', () => {
  const schedules = [
    '* * * * *',
    '*/5 0-6 1,15 jan-MAR sun',
    '0 0 ? * 5',
    '@hourly',
    '@every 1h30m',
    'TZ=UTC * * * * *',
    'CRON_TZ=Europe/Berlin @daily',
  ];
  for (const schedule of schedules) {
    assert.equal(typeof parseCronSchedule(schedule), 'object', schedule);
  }
});

test('parseCronSchedule says what is wrong', () => {
  const wrong: Readonly<Record<string, string>> = {
    '* * * *': 'expected exactly 5 fields, found 4: [* * * *]',
    '60 * * * *': 'end of range (60) above maximum (59): 60',
    '* * 0 * *': 'beginning of range (0) below minimum (1): 0',
    '5-1 * * * *': 'beginning of range (5) beyond end of range (1): 5-1',
    '*/0 * * * *': 'step of range should be a positive number: */0',
    'x * * * *': 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax',
    '@never': 'unrecognized descriptor: @never',
    'TZ=No/Where * * * * *': 'provided bad location No/Where: unknown time zone No/Where',
    'CRON_TZ=UTC 60 * * * *': 'end of range (60) above maximum (59): 60',
  };
  for (const [schedule, text] of Object.entries(wrong)) {
    assert.equal(parseCronSchedule(schedule), text);
  }
});

test('parseCronSchedule takes every minute, hour and list of them', () => {
  const minute = fc.integer({ min: 0, max: 59 });
  const hour = fc.integer({ min: 0, max: 23 });
  fc.assert(
    fc.property(fc.array(minute, { minLength: 1, maxLength: 5 }), hour, (minutes, at) => {
      assert.equal(typeof parseCronSchedule(`${minutes.join(',')} ${at} * * *`), 'object');
    }),
  );
});

test('parseCronSchedule never throws', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseCronSchedule(text);
    }),
  );
});
