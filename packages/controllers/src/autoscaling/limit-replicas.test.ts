import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HorizontalPodAutoscalerBehavior } from '@fairway/kinds/autoscaling/v2';
import { limitReplicas } from './limit-replicas.ts';
import {
  type ScalingHistory,
  newHistory,
  withChange,
  withRecommendation,
} from './scaling-history.ts';

interface Situation {
  readonly what: string;
  readonly current: number;
  readonly wanted: number;
  readonly behavior?: HorizontalPodAutoscalerBehavior;
  /** What was recommended, by the seconds that it is ago. */
  readonly recommended?: Readonly<Record<number, number>>;
  /** By how much the number changed, by the seconds that it is ago. */
  readonly changed?: Readonly<Record<number, number>>;
  /** Replicas, why they are able to become so, and what limits them. */
  readonly expected: readonly [replicas: number, able: string, limited: string];
}

const pods = (value: number, periodSeconds = 60) => ({ type: 'Pods', value, periodSeconds });
const percent = (value: number, periodSeconds = 60) => ({ type: 'Percent', value, periodSeconds });
const ready = 'ReadyForNewScale';

const situations: readonly Situation[] = [
  { what: 'within range', current: 4, wanted: 6, expected: [6, ready, 'DesiredWithinRange'] },
  {
    what: 'no more than twice as many at a time',
    current: 5,
    wanted: 19,
    expected: [10, ready, 'ScaleUpLimit!'],
  },
  { what: 'or four', current: 1, wanted: 19, expected: [4, ready, 'ScaleUpLimit!'] },
  {
    what: 'no more than the maximum',
    current: 15,
    wanted: 40,
    expected: [20, ready, 'TooManyReplicas!'],
  },
  {
    what: 'no fewer than the minimum',
    current: 4,
    wanted: 1,
    expected: [2, ready, 'TooFewReplicas!'],
  },
  {
    what: 'the most that was recommended in five minutes holds',
    current: 8,
    wanted: 3,
    recommended: { 200: 6, 250: 7, 310: 9 },
    expected: [7, 'ScaleDownStabilized', 'DesiredWithinRange'],
  },
  {
    what: 'rules: pods at a time',
    current: 4,
    wanted: 10,
    behavior: { scaleUp: { policies: [pods(2)], selectPolicy: 'Max' } },
    expected: [6, ready, 'ScaleUpLimit!'],
  },
  {
    what: 'rules: of several the larger change',
    current: 4,
    wanted: 20,
    behavior: { scaleUp: { policies: [pods(2), percent(100)], selectPolicy: 'Max' } },
    expected: [8, ready, 'ScaleUpLimit!'],
  },
  {
    what: 'rules: of several the smaller change, when that is selected',
    current: 4,
    wanted: 20,
    behavior: { scaleUp: { policies: [pods(2), percent(100)], selectPolicy: 'Min' } },
    expected: [6, ready, 'ScaleUpLimit!'],
  },
  {
    what: 'rules: not up at all',
    current: 4,
    wanted: 20,
    behavior: { scaleUp: { selectPolicy: 'Disabled' } },
    expected: [4, ready, 'ScaleUpLimit!'],
  },
  {
    what: 'rules: what was added in the period counts',
    current: 6,
    wanted: 20,
    behavior: { scaleUp: { policies: [pods(4)] } },
    changed: { 30: 3, 70: 10 },
    expected: [7, ready, 'ScaleUpLimit!'],
  },
  {
    what: 'rules: what was taken away does not count on the way up',
    current: 6,
    wanted: 20,
    behavior: { scaleUp: { policies: [pods(4)] } },
    changed: { 30: -3 },
    expected: [10, ready, 'ScaleUpLimit!'],
  },
  {
    what: 'rules: a per cent of few is one at least',
    current: 3,
    wanted: 20,
    behavior: { scaleUp: { policies: [percent(10)] } },
    expected: [4, ready, 'ScaleUpLimit!'],
  },
  {
    what: 'rules: the least that was recommended holds on the way up',
    current: 4,
    wanted: 10,
    behavior: { scaleUp: { stabilizationWindowSeconds: 60, policies: [pods(100)] } },
    recommended: { 30: 6, 90: 5 },
    expected: [6, 'ScaleUpStabilized', 'DesiredWithinRange'],
  },
  {
    what: 'rules: a window of their own on the way down',
    current: 10,
    wanted: 4,
    behavior: { scaleDown: { stabilizationWindowSeconds: 0, policies: [pods(3)] } },
    recommended: { 30: 9 },
    expected: [7, ready, 'ScaleDownLimit!'],
  },
  {
    what: 'rules: of several the smaller change on the way down leaves more',
    current: 10,
    wanted: 2,
    behavior: {
      scaleDown: {
        stabilizationWindowSeconds: 0,
        policies: [pods(3), percent(50)],
        selectPolicy: 'Min',
      },
    },
    expected: [7, ready, 'ScaleDownLimit!'],
  },
  {
    what: 'rules: what was taken away in the period counts',
    current: 10,
    wanted: 2,
    behavior: { scaleDown: { stabilizationWindowSeconds: 0, policies: [pods(4)] } },
    changed: { 20: -3 },
    expected: [9, ready, 'ScaleDownLimit!'],
  },
  {
    what: 'rules: not down at all',
    current: 10,
    wanted: 4,
    behavior: { scaleDown: { stabilizationWindowSeconds: 0, selectPolicy: 'Disabled' } },
    expected: [10, ready, 'ScaleDownLimit!'],
  },
  {
    what: 'rules: the minimum holds on the way down',
    current: 3,
    wanted: 1,
    behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    expected: [2, ready, 'TooFewReplicas!'],
  },
  {
    what: 'rules: the maximum holds on the way up',
    current: 18,
    wanted: 40,
    behavior: { scaleUp: {} },
    expected: [20, ready, 'TooManyReplicas!'],
  },
];

const nowMs = 10_000_000;

for (const { what, current, wanted, behavior, expected, ...past } of situations) {
  test(`limitReplicas(): ${what}`, () => {
    const history = historyOf(past);
    const found = limitReplicas({ current, wanted, min: 2, max: 20, behavior, history, nowMs });
    const { reason, isLimited } = found.limited;
    const limited = isLimited ? `${reason}!` : reason;
    assert.deepEqual([found.replicas, found.able.reason, limited], expected);
    assert.equal(found.history.recommendations.at(-1)?.replicas, wanted);
  });
}

function historyOf({
  recommended = {},
  changed = {},
}: Pick<Situation, 'recommended' | 'changed'>): ScalingHistory {
  let history: ScalingHistory = { recommendations: [], changes: [] };
  for (const [ago, replicas] of Object.entries(recommended)) {
    history = withRecommendation(history, replicas, nowMs - Number(ago) * 1_000);
  }
  for (const [ago, by] of Object.entries(changed)) {
    history = withChange(history, by, nowMs - Number(ago) * 1_000);
  }
  return history;
}

test('a history does not grow for ever, and begins with what there is', () => {
  let history = newHistory(5, 0);
  assert.deepEqual(history.recommendations, [{ atMs: 0, replicas: 5 }]);
  for (let atMs = 0; atMs < 5_000_000; atMs += 15_000) {
    history = withChange(withRecommendation(history, 1, atMs), 1, atMs);
  }
  assert.ok(history.recommendations.length <= 241 && history.changes.length <= 241);
});
