import type {
  HPAScalingRules,
  HorizontalPodAutoscalerBehavior,
} from '@fairway/kinds/autoscaling/v2';
import type { DeepReadonly } from '@fairway/protocol';
import { ceil } from './pod-usage.ts';
import {
  type ScalingHistory,
  changedWithin,
  recommendedWithin,
  withRecommendation,
} from './scaling-history.ts';

/** How many replicas there shall be now, and what a condition says of it. */
export interface LimitedReplicas {
  readonly replicas: number;
  readonly able: ConditionText;
  readonly limited: ConditionText & { readonly isLimited: boolean };
  readonly history: ScalingHistory;
}

export interface ConditionText {
  readonly reason: string;
  readonly message: string;
}

export interface Wish {
  readonly wanted: number;
  readonly current: number;
  readonly min: number;
  readonly max: number;
  readonly behavior: DeepReadonly<HorizontalPodAutoscalerBehavior> | undefined;
  readonly history: ScalingHistory;
  readonly nowMs: number;
}

/** How long it takes until fewer are believed in. Source: kube-controller-manager's default. */
const downWindowMs = 300_000;
/** Without rules: at most twice as many at a time, or this many. */
const upLimitFactor = 2;
const upLimitMin = 4;

/** Brings what metrics want within what an autoscaler may do now. */
export function limitReplicas(wish: Wish): LimitedReplicas {
  const { wanted, nowMs, history, behavior } = wish;
  const isUp = wanted >= wish.current;
  const rules = behavior === undefined ? undefined : rulesOf(behavior);
  const steady =
    rules === undefined
      ? Math.max(wanted, ...recommendedWithin(history, downWindowMs, nowMs))
      : stabilized(wish, isUp, rules);
  const { replicas, ...text } =
    rules === undefined ? withinDefaults(wish, steady) : withinRules(wish, steady, rules);
  return {
    replicas,
    able: steady === wanted ? ready : isUp && rules !== undefined ? stabilizedUp : stabilizedDown,
    limited: { ...text, isLimited: replicas !== steady },
    history: withRecommendation(history, wanted, nowMs),
  };
}

interface Rules {
  readonly up: Required<Pick<HPAScalingRules, 'policies' | 'selectPolicy'>> & { windowMs: number };
  readonly down: Rules['up'];
}

/** What is not said, is as the API fills it in. */
function rulesOf({
  scaleUp = {},
  scaleDown = {},
}: DeepReadonly<HorizontalPodAutoscalerBehavior>): Rules {
  const percent = { type: 'Percent', value: 100, periodSeconds: 15 };
  const pods = { type: 'Pods', value: 4, periodSeconds: 15 };
  return {
    up: {
      policies: scaleUp.policies ?? [pods, percent],
      selectPolicy: scaleUp.selectPolicy ?? 'Max',
      windowMs: (scaleUp.stabilizationWindowSeconds ?? 0) * 1_000,
    },
    down: {
      policies: scaleDown.policies ?? [percent],
      selectPolicy: scaleDown.selectPolicy ?? 'Max',
      windowMs: (scaleDown.stabilizationWindowSeconds ?? downWindowMs / 1_000) * 1_000,
    },
  };
}

function stabilized({ wanted, history, nowMs }: Wish, isUp: boolean, { up, down }: Rules): number {
  const recent = recommendedWithin(history, (isUp ? up : down).windowMs, nowMs);
  return isUp ? Math.min(wanted, ...recent) : Math.max(wanted, ...recent);
}

type Limited = ConditionText & { readonly replicas: number };

function withinDefaults({ current, min, max }: Wish, steady: number): Limited {
  const limit = Math.max(upLimitFactor * current, upLimitMin);
  if (steady < min) return { replicas: min, ...tooFew };
  if (steady > Math.min(max, limit)) {
    return max > limit ? { replicas: limit, ...tooFastUp } : { replicas: max, ...tooMany };
  }
  return { replicas: steady, ...within };
}

function withinRules(wish: Wish, steady: number, rules: Rules): Limited {
  const { current, min, max } = wish;
  if (steady > current) {
    const limit = Math.max(current, upLimit(wish, rules.up));
    if (steady > Math.min(max, limit)) {
      return max > limit ? { replicas: limit, ...tooFastUp } : { replicas: max, ...tooMany };
    }
  } else if (steady < current) {
    const limit = Math.min(current, downLimit(wish, rules.down));
    if (steady < Math.max(min, limit)) {
      return min < limit ? { replicas: limit, ...tooFastDown } : { replicas: min, ...tooFew };
    }
  }
  return { replicas: steady, ...within };
}

function upLimit(wish: Wish, { policies, selectPolicy }: Rules['up']): number {
  if (selectPolicy === 'Disabled') return wish.current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const start = wish.current - changed(wish, 'up', periodSeconds);
    // Rounded up, else few replicas would never become more.
    return type === 'Pods' ? start + value : ceil(start * (1 + value / 100));
  });
  return selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

function downLimit(wish: Wish, { policies, selectPolicy }: Rules['down']): number {
  if (selectPolicy === 'Disabled') return wish.current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const start = wish.current + changed(wish, 'down', periodSeconds);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
  // The policy with the smaller change leaves more.
  return selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}

function changed({ history, nowMs }: Wish, direction: 'up' | 'down', seconds: number): number {
  return changedWithin(history, direction, { periodMs: seconds * 1_000, nowMs });
}

const ready = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
const stabilizedUp = {
  reason: 'ScaleUpStabilized',
  message:
    'recent recommendations were lower than current one, applying the lowest recent recommendation',
};
const stabilizedDown = {
  reason: 'ScaleDownStabilized',
  message:
    'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const tooFastUp = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const tooFastDown = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};
const tooMany = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const tooFew = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const within = {
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
