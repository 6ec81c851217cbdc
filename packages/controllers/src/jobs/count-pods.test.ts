import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, JobSpec, JobStatus } from '@fairway/kinds/batch/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import { type Counting, countPods, settleCounts } from './count-pods.ts';
import type { JobEnding } from './ending.ts';
import { jobFacts } from './job-facts.ts';
import { failureCountKey, indexKey, trackingFinalizer } from './job-names.ts';

const failing: JobEnding = { type: 'FailureTarget', reason: 'Why', message: '' };
const succeeding: JobEnding = { type: 'SuccessCriteriaMet', reason: 'Why', message: '' };

function pod(
  uid: string,
  phase: 'Running' | 'Succeeded' | 'Failed',
  annotations: Readonly<Record<string, string>> = {},
): Pod {
  const metadata = { name: uid, uid, annotations, finalizers: [trackingFinalizer] };
  return { metadata, status: { phase } };
}

function count(
  spec: Partial<JobSpec>,
  status: JobStatus,
  pods: readonly Pod[],
  ending?: JobEnding,
): Counting {
  const template = { spec: { containers: [{ name: 'main', image: 'app:1' }] } };
  const job: Job = { metadata: { name: 'j', uid: 'job' }, spec: { template, ...spec }, status };
  return countPods(jobFacts(job, pods, 0), status, ending);
}

const namesOf = ({ released }: Counting): readonly (string | undefined)[] =>
  released.map(({ metadata }) => metadata?.name);

test('a pod that has ended is named first, let go then, and counted when it went', () => {
  const pods = [pod('a', 'Succeeded'), pod('b', 'Failed'), pod('c', 'Running')];
  const counting = count({}, { succeeded: 1 }, pods);
  assert.deepEqual(namesOf(counting), ['a', 'b']);
  const named = { succeeded: ['a'], failed: ['b'] };
  assert.deepEqual(counting.status, { succeeded: 1, uncountedTerminatedPods: named });
  // Cut short here, nothing is counted or named once more.
  assert.deepEqual(count({}, counting.status, pods).status, counting.status);
  const left = settleCounts(counting.status, new Set(['b']));
  assert.deepEqual(left, { succeeded: 2, uncountedTerminatedPods: { failed: ['b'] } });
  const all = settleCounts(left, new Set());
  assert.deepEqual(all, { succeeded: 2, failed: 1, uncountedTerminatedPods: {} });
});

test('at the end of a job what still runs has failed with it, and has not where it succeeded', () => {
  const pods = [pod('a', 'Running')];
  assert.deepEqual(count({}, {}, pods, failing).status.uncountedTerminatedPods, { failed: ['a'] });
  const counting = count({}, {}, pods, succeeding);
  assert.deepEqual(counting.status.uncountedTerminatedPods, {});
  assert.deepEqual(namesOf(counting), ['a']);
});

test('an indexed job counts its indexes, and keeps a failed pod until another has taken its place', () => {
  const of = { completions: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1 } as const;
  const failed = pod('b', 'Failed', { [indexKey]: '1', [failureCountKey]: '0' });
  const pods = [pod('a', 'Succeeded', { [indexKey]: '2' }), failed];
  const counting = count(of, { completedIndexes: '0', succeeded: 1 }, pods);
  assert.deepEqual(namesOf(counting), ['a']);
  assert.deepEqual(counting.status, {
    completedIndexes: '0,2',
    failedIndexes: '',
    succeeded: 2,
    uncountedTerminatedPods: {},
  });
  const next = pod('c', 'Running', { [indexKey]: '1', [failureCountKey]: '1' });
  assert.deepEqual(namesOf(count(of, {}, [failed, next])), ['b']);
  const last = pod('c', 'Failed', { [indexKey]: '1', [failureCountKey]: '1' });
  assert.equal(count(of, {}, [failed, last]).status.failedIndexes, '1');
});

test('a status names 500 pods at a time, and the rest waits', () => {
  const pods = Array.from({ length: 600 }, (_, at) => pod(`p${at}`, 'Succeeded'));
  const counting = count({}, {}, pods);
  assert.equal(counting.released.length, 500);
  assert.equal(counting.isWhole, false);
  const settled = settleCounts(counting.status, new Set());
  assert.equal(settled.succeeded, 500);
  const rest = count({}, settled, pods.slice(500));
  assert.deepEqual([rest.released.length, rest.isWhole], [100, true]);
});
