import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { withPodCondition } from './pod-conditions.ts';

const lastProbeTime = null;
const [then, now] = ['1970-01-01T00:00:00Z', '1970-01-01T00:01:00Z'];
const waiting = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' };
const other = { type: 'Ready', status: 'False' };

test('a condition is added, and its time is that of its transition', () => {
  const status = withPodCondition({ phase: 'Pending', conditions: [other] }, waiting, then);
  const noted = { ...waiting, lastProbeTime, lastTransitionTime: then };
  deepEqual(status, { phase: 'Pending', conditions: [other, noted] });
  const said = { ...waiting, message: '0/1 nodes are available' };
  const [, again] = withPodCondition(status, said, now).conditions ?? [];
  deepEqual(again, { ...said, lastProbeTime, lastTransitionTime: then });
  const bound = { type: 'PodScheduled', status: 'True' };
  deepEqual(withPodCondition(status, bound, now).conditions, [
    other,
    { ...bound, lastProbeTime, lastTransitionTime: now },
  ]);
});

test('the first condition of a pod without a status', () => {
  deepEqual(withPodCondition(undefined, other, now), {
    conditions: [{ ...other, lastProbeTime, lastTransitionTime: now }],
  });
});
