import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CronJob, CronJobSpec } from '@fairway/kinds/batch/v1';
import { parseCronSchedule } from '@fairway/kind-rules/cron';
import { dueTime } from './due-time.ts';

/** In short: the time, whether it is too late or too many were missed, and the next one. */
function told(
  schedule: string,
  { now, last, ...spec }: { now: string; last?: string } & Partial<CronJobSpec>,
): string {
  const parsed = parseCronSchedule(schedule);
  assert.ok(typeof parsed !== 'string');
  const at = (time: string): string => `2026-01-01T${time}Z`;
  const cronJob: CronJob = {
    metadata: { creationTimestamp: at('00:00:30') },
    spec: { schedule, jobTemplate: {}, ...spec },
    ...(last === undefined ? {} : { status: { lastScheduleTime: at(last) } }),
  };
  const { dueMs, isTooLate, isTooMany, nextMs } = dueTime(cronJob, parsed, Date.parse(at(now)));
  const short = (ms: number | undefined): string =>
    ms === undefined ? '-' : new Date(ms).toISOString().slice(11, 19);
  return [short(dueMs), isTooLate ? 'late' : '', isTooMany ? 'many' : '', short(nextMs)]
    .filter((each) => each !== '')
    .join(' ');
}

test('a cron job is due at the last time that was not served, unless its deadline has passed', () => {
  assert.equal(told('* * * * *', { now: '00:00:59' }), '- 00:01:00');
  assert.equal(told('* * * * *', { now: '00:01:00' }), '00:01:00 00:02:00');
  assert.equal(told('* * * * *', { now: '00:01:30', last: '00:01:00' }), '- 00:02:00');
  assert.equal(told('* * * * *', { now: '00:05:30', last: '00:01:00' }), '00:05:00 00:06:00');
  const deadline = { startingDeadlineSeconds: 20 };
  assert.equal(told('0 * * * *', { now: '01:00:20', ...deadline }), '01:00:00 02:00:00');
  assert.equal(told('0 * * * *', { now: '01:00:21', ...deadline }), '01:00:00 late 02:00:00');
  assert.equal(told('* * * * *', { now: '01:40:30' }), '01:40:00 01:41:00');
  assert.equal(told('* * * * *', { now: '01:41:30' }), '01:41:00 many 01:42:00');
  assert.equal(
    told('* * * * *', { now: '01:41:30', startingDeadlineSeconds: 600 }),
    '01:41:00 01:42:00',
  );
  assert.equal(told('@every 7m', { now: '00:10:00' }), '00:07:30 00:14:30');
  assert.equal(told('0 0 30 2 *', { now: '00:10:00' }), '- -');
});
