import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodFailurePolicyRule, SuccessPolicyRule } from '@fairway/kinds/batch/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import { judgeFailure } from './failure-policy.ts';
import { parseIndexes } from './index-set.ts';
import { metSuccessRule } from './success-policy.ts';

function failedPod(
  exitCode: number,
  conditions: NonNullable<Pod['status']>['conditions'] = [],
): Pod {
  const state = { terminated: { exitCode } };
  const status = { name: 'main', state, image: '', imageID: '', ready: false, restartCount: 0 };
  return {
    metadata: { name: 'p', namespace: 'shop' },
    status: { phase: 'Failed', containerStatuses: [status], conditions },
  };
}

test('the first rule that fits says what a failed pod means', () => {
  const on = (
    action: PodFailurePolicyRule['action'],
    operator: 'In' | 'NotIn',
    values: readonly number[],
    containerName?: string,
  ): PodFailurePolicyRule => ({
    action,
    onExitCodes: {
      operator,
      values,
      ...(containerName === undefined ? {} : { containerName }),
    },
  });
  const disrupted: PodFailurePolicyRule = {
    action: 'Ignore',
    onPodConditions: [{ type: 'DisruptionTarget' }],
  };
  const evicted = failedPod(0, [{ type: 'DisruptionTarget', status: 'True' }]);
  const spared = failedPod(1, [{ type: 'DisruptionTarget', status: 'False' }]);
  const cases: readonly (readonly [readonly PodFailurePolicyRule[], Pod, string])[] = [
    [[], failedPod(1), 'Count'],
    [[on('FailJob', 'In', [42])], failedPod(42), 'FailJob'],
    [[on('FailJob', 'In', [42])], failedPod(1), 'Count'],
    [[on('FailIndex', 'NotIn', [42])], failedPod(1), 'FailIndex'],
    // What has not failed fits no rule of exit codes.
    [[on('FailJob', 'NotIn', [42])], failedPod(0), 'Count'],
    [[on('FailJob', 'In', [42], 'side')], failedPod(42), 'Count'],
    [[disrupted], evicted, 'Ignore'],
    [[disrupted], spared, 'Count'],
    [[on('Count', 'In', [1]), on('FailJob', 'In', [1])], failedPod(1), 'Count'],
  ];
  for (const [rules, pod, action] of cases) {
    assert.equal(judgeFailure({ rules }, pod).action, action, JSON.stringify(rules));
  }
  assert.equal(judgeFailure(undefined, failedPod(1)).action, 'Count');
  const failing = { ...disrupted, action: 'FailJob' as const };
  assert.equal(
    judgeFailure({ rules: [failing] }, evicted).message,
    'Pod shop/p has condition DisruptionTarget matching FailJob rule at index 0',
  );
});

test('a success policy is met by its indexes, by their number, or by both', () => {
  const cases: readonly (readonly [SuccessPolicyRule, string, boolean])[] = [
    [{ succeededIndexes: '0,2' }, '0,2', true],
    [{ succeededIndexes: '0,2' }, '0,1', false],
    [{ succeededCount: 2 }, '3,4', true],
    [{ succeededCount: 3 }, '3,4', false],
    [{ succeededIndexes: '0-2', succeededCount: 2 }, '0,2', true],
    [{ succeededIndexes: '0-2', succeededCount: 2 }, '0,3', false],
    // Of indexes that there are not, none has to succeed.
    [{ succeededIndexes: '0,8' }, '0', true],
  ];
  for (const [rule, succeeded, isMet] of cases) {
    const met = metSuccessRule({ rules: [rule] }, parseIndexes(succeeded, 5), 5);
    assert.equal(met, isMet ? 0 : undefined, JSON.stringify(rule));
  }
  assert.equal(metSuccessRule(undefined, parseIndexes('0', 5), 5), undefined);
});
