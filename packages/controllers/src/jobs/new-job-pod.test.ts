import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '@fairway/kinds/batch/v1';
import { newIndexedPod, newJobPod } from './new-job-pod.ts';

function job(name: string): Job {
  const own = { name: 'own', image: 'app:1', env: [{ name: 'JOB_COMPLETION_INDEX', value: '7' }] };
  const containers = [{ name: 'main', image: 'app:1' }, own];
  return {
    metadata: { name, namespace: 'shop', uid: 'job' },
    spec: {
      template: { metadata: { finalizers: ['example.com/mine'] }, spec: { containers } },
    },
  };
}

test('a pod of a job waits to be counted, and for whatever else its template says', () => {
  const { metadata } = newJobPod(job('j'));
  assert.deepEqual(metadata?.finalizers, ['example.com/mine', 'batch.kubernetes.io/job-tracking']);
});

test('a pod keeps its index in a name that is too long, and a variable that it has', () => {
  const { metadata, spec } = newIndexedPod(job('j'.repeat(63)), 12, undefined);
  assert.equal(metadata?.generateName, `${'j'.repeat(54)}-12-`);
  const [main, own] = spec?.containers ?? [];
  assert.equal(main?.env?.length, 1);
  assert.equal(main?.env?.[0]?.name, 'JOB_COMPLETION_INDEX');
  assert.deepEqual(own?.env, [{ name: 'JOB_COMPLETION_INDEX', value: '7' }]);
});
