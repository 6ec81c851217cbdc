import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { cronJobs, jobs } from './jobs.ts';

const template = { spec: { containers: [{ name: 'c', image: 'busybox' }] } };

function jobStatus(types: readonly string[], metadata: object = {}): unknown {
  const conditions = types.map((type) => ({ type, status: 'True' }));
  return rowOf(jobs, { metadata, status: { conditions } })['Status'];
}

test('jobs show what has become of them', () => {
  const deleted = { deletionTimestamp: '2026-11-22T11:00:00Z' };
  equal(jobStatus([]), 'Running');
  equal(jobStatus(['SuccessCriteriaMet', 'Complete']), 'Complete');
  equal(jobStatus(['FailureTarget', 'Failed'], deleted), 'Failed');
  equal(jobStatus(['Suspended'], deleted), 'Terminating');
  equal(jobStatus(['Suspended']), 'Suspended');
  equal(jobStatus(['FailureTarget']), 'FailureTarget');
  const conditions = [{ type: 'Suspended', status: 'False' }];
  equal(rowOf(jobs, { status: { conditions } })['Status'], 'Running');
});

test('jobs show completions of those wanted', () => {
  const completions = (spec: object) =>
    rowOf(jobs, { spec, status: { succeeded: 2 } })['Completions'];
  equal(completions({ completions: 5, parallelism: 3 }), '2/5');
  equal(completions({ parallelism: 3 }), '2/1 of 3');
  equal(completions({ parallelism: 1 }), '2/1');
});

test('jobs show how long they took, or have been running', () => {
  const startTime = '2026-11-22T11:55:00Z';
  const duration = (status: object) => rowOf(jobs, { status })['Duration'];
  equal(duration({}), '');
  equal(duration({ startTime }), '5m');
  equal(duration({ startTime, completionTime: '2026-11-22T11:55:30Z' }), '30s');
});

test('cronJobs show their schedule and what it started', () => {
  const spec = {
    schedule: '*/5 * * * *',
    timeZone: 'Europe/Berlin',
    suspend: false,
    jobTemplate: { spec: { template } },
  };
  const status = { active: [{ name: 'x-1' }], lastScheduleTime: '2026-11-22T11:58:30Z' };
  deepEqual(rowOf(cronJobs, { spec, status }), {
    Schedule: '*/5 * * * *',
    Timezone: 'Europe/Berlin',
    Suspend: 'False',
    Active: 1,
    'Last Schedule': '90s',
    Containers: 'c',
    Images: 'busybox',
    Selector: '<none>',
  });
});

test('cronJobs show what is not set', () => {
  const row = rowOf(cronJobs, { spec: { schedule: '@daily' } });
  deepEqual(
    [row['Timezone'], row['Suspend'], row['Active'], row['Last Schedule']],
    ['<none>', '<unset>', 0, '<none>'],
  );
});
