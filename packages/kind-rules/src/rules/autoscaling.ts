import {
  checkDnsSubdomain,
  checkPathSegment,
  type Draft,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  HPAScalingRules,
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricTarget,
} from '@fairway/kinds/autoscaling/v2';
import type { PodDisruptionBudget } from '@fairway/kinds/policy/v1';

import type { KindRules } from '../kind-rules.ts';
import { isPositiveAmount } from './amounts.ts';
import {
  expectAtMostWhole,
  expectCountOrPercent,
  expectOneOf,
  expectOptionalOneOf,
  FieldErrors,
} from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { statusRules } from './status-subresource.ts';

type AutoscalerDraft = ObjectDraft<HorizontalPodAutoscaler>;
type BudgetDraft = ObjectDraft<PodDisruptionBudget>;

const status = statusRules<AutoscalerDraft>(emptyAutoscalerStatus);

/**
 * Takes autoscalers in both shapes: `v1` has one target for the processor instead of metrics. Zero
 * replicas are allowed only with a metric that does not come from the pods.
 * Source: autoscaling/v2 HorizontalPodAutoscaler; autoscaling validation; KEP-2021.
 */
export const horizontalPodAutoscalerRules: KindRules<AutoscalerDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: false,
  applyDefaults: applyAutoscalerDefaults,
  ...status,
  prepareForCreate: (autoscaler) => {
    if (isVersion1(autoscaler)) autoscaler.status = { currentReplicas: 0, desiredReplicas: 0 };
    else status.prepareForCreate(autoscaler);
  },
  validate: validateAutoscaler,
};

/** The list of metrics is written out even when there is none. */
function emptyAutoscalerStatus(): NonNullable<AutoscalerDraft['status']> {
  const status: NonNullable<AutoscalerDraft['status']> = { desiredReplicas: 0 };
  Object.assign(status, { currentMetrics: null });
  return status;
}

function applyAutoscalerDefaults(autoscaler: AutoscalerDraft): void {
  autoscaler.spec ??= {};
  const spec = autoscaler.spec;
  spec.minReplicas ??= 1;
  if (isVersion1(autoscaler)) return;
  if (!spec.metrics?.length) {
    const target = { type: 'Utilization', averageUtilization: 80 };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  if (spec.behavior) {
    applyScalingDefaults((spec.behavior.scaleUp ??= {}), { isUp: true });
    applyScalingDefaults((spec.behavior.scaleDown ??= {}), { isUp: false });
  }
}

function isVersion1(autoscaler: AutoscalerDraft): boolean {
  return autoscaler.apiVersion === 'autoscaling/v1';
}

function applyScalingDefaults(
  rules: Draft<HPAScalingRules>,
  { isUp }: { readonly isUp: boolean },
): void {
  if (isUp) rules.stabilizationWindowSeconds ??= 0;
  if (!rules.selectPolicy) rules.selectPolicy = 'Max';
  if (rules.policies) return;
  const percent = { type: 'Percent', value: 100, periodSeconds: 15 };
  rules.policies = isUp ? [{ type: 'Pods', value: 4, periodSeconds: 15 }, percent] : [percent];
}

function validateAutoscaler(autoscaler: AutoscalerDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = autoscaler.spec ?? {};
  const min = spec.minReplicas;
  const max = spec.maxReplicas ?? 0;
  const hasOtherMetric = (spec.metrics ?? []).some(
    (metric) => metric.type === 'Object' || metric.type === 'External',
  );
  const lowest = hasOtherMetric ? 0 : 1;
  if (min !== undefined && min < lowest) {
    const text = `must be greater than or equal to ${lowest}`;
    errors.push(invalidValue('spec.minReplicas', min, text));
  }
  if (max < 1) errors.push(invalidValue('spec.maxReplicas', max, 'must be greater than 0'));
  if (min !== undefined && max < min) {
    const text = 'must be greater than or equal to `minReplicas`';
    errors.push(invalidValue('spec.maxReplicas', max, text));
  }
  for (const name of ['kind', 'name'] as const) {
    const value = spec.scaleTargetRef?.[name];
    const field = `spec.scaleTargetRef.${name}`;
    if (!value) errors.push(required(field));
    else {
      const wrong = checkPathSegment(value);
      if (wrong !== undefined) errors.push(invalidValue(field, value, wrong));
    }
  }
  spec.metrics?.forEach((metric, index) => {
    validateMetric(metric, `spec.metrics[${index}]`, errors);
  });
  for (const name of ['scaleUp', 'scaleDown'] as const) {
    const rules = spec.behavior?.[name];
    if (rules) validateScalingRules(rules, `spec.behavior.${name}`, errors);
  }
  return errors;
}

const metricSources = {
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
  External: 'external',
} as const;

function validateMetric(metric: Draft<MetricSpec>, field: string, errors: FieldErrors): void {
  const type = metric.type ?? '';
  const types = Object.keys(metricSources);
  if (type === '') {
    errors.push(required(`${field}.type`, 'must specify a metric source type'));
    return;
  }
  if (!isMetricType(type)) {
    errors.push(unsupported(`${field}.type`, type, [...types].sort()));
    return;
  }
  const name = metricSources[type];
  const source = metric[name];
  if (!source) {
    const text = 'must populate information for the given metric source';
    errors.push(required(`${field}.${name}`, text));
    return;
  }
  for (const other of Object.values(metricSources)) {
    if (other !== name && metric[other]) {
      const text = 'must populate the given metric source only';
      errors.push(forbiddenField(`${field}.${other}`, text));
    }
  }
  const path = `${field}.${name}`;
  if ('metric' in source) {
    if (!source.metric?.name) {
      errors.push(required(`${path}.metric.name`, 'must specify a metric name'));
    }
    validateLabelSelector(source.metric?.selector, `${path}.metric.selector`, errors);
  } else if ('name' in source && !source.name) {
    errors.push(required(`${path}.name`, 'must specify a resource name'));
  }
  validateTarget(source.target ?? {}, `${path}.target`, errors);
}

function isMetricType(type: string): type is keyof typeof metricSources {
  return Object.hasOwn(metricSources, type);
}

function validateTarget(target: Draft<MetricTarget>, field: string, errors: FieldErrors): void {
  const types = ['Utilization', 'Value', 'AverageValue'];
  if (!target.type) errors.push(required(`${field}.type`, 'must specify a metric target type'));
  else if (!types.includes(target.type)) {
    const text = 'must be either Utilization, Value, or AverageValue';
    errors.push(invalidValue(`${field}.type`, target.type, text));
  }
  for (const name of ['value', 'averageValue'] as const) {
    const amount = target[name];
    if (amount !== undefined && !isPositiveAmount(amount)) {
      errors.push(invalidValue(`${field}.${name}`, amount, 'must be positive'));
    }
  }
  if (target.averageUtilization !== undefined && target.averageUtilization < 1) {
    const text = 'must be greater than 0';
    errors.push(invalidValue(`${field}.averageUtilization`, target.averageUtilization, text));
  }
}

const windowSecondsMax = 3600;
const periodSecondsMax = 1800;

function validateScalingRules(
  rules: Draft<HPAScalingRules>,
  field: string,
  errors: FieldErrors,
): void {
  const window = rules.stabilizationWindowSeconds;
  if (window !== undefined && window < 0) {
    const text = 'must be greater than or equal to zero';
    errors.push(invalidValue(`${field}.stabilizationWindowSeconds`, window, text));
  }
  if (window !== undefined && window > windowSecondsMax) {
    const text = `must be less than or equal to ${windowSecondsMax}`;
    errors.push(invalidValue(`${field}.stabilizationWindowSeconds`, window, text));
  }
  const selects = ['Disabled', 'Max', 'Min'];
  expectOptionalOneOf(
    rules.selectPolicy,
    { field: `${field}.selectPolicy`, supported: selects },
    errors,
  );
  if (!rules.policies?.length) {
    errors.push(required(`${field}.policies`, 'must specify at least one Policy'));
  }
  rules.policies?.forEach((policy, index) => {
    const path = `${field}.policies[${index}]`;
    expectOneOf(policy.type, { field: `${path}.type`, supported: ['Percent', 'Pods'] }, errors);
    if ((policy.value ?? 0) <= 0) {
      errors.push(invalidValue(`${path}.value`, policy.value ?? 0, 'must be greater than zero'));
    }
    const period = policy.periodSeconds ?? 0;
    if (period <= 0) {
      errors.push(invalidValue(`${path}.periodSeconds`, period, 'must be greater than zero'));
    } else if (period > periodSecondsMax) {
      const text = `must be less than or equal to ${periodSecondsMax}`;
      errors.push(invalidValue(`${path}.periodSeconds`, period, text));
    }
  });
}

/** Source: policy/v1 PodDisruptionBudget; policy validation. */
export const podDisruptionBudgetRules: KindRules<BudgetDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (budget) => {
    budget.spec ??= {};
  },
  ...statusRules<BudgetDraft>(() => ({
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  })),
  validate: (budget) => {
    const errors = new FieldErrors();
    const spec = budget.spec ?? {};
    if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
      const text = 'minAvailable and maxUnavailable cannot be both set';
      errors.push(invalidValue('spec', spec, text));
    }
    for (const name of ['minAvailable', 'maxUnavailable'] as const) {
      expectCountOrPercent(spec[name], `spec.${name}`, errors);
      expectAtMostWhole(spec[name], `spec.${name}`, errors);
    }
    validateLabelSelector(spec.selector, 'spec.selector', errors);
    const supported = ['AlwaysAllow', 'IfHealthyBudget'];
    const place = { field: 'spec.unhealthyPodEvictionPolicy', supported };
    expectOptionalOneOf(spec.unhealthyPodEvictionPolicy, place, errors);
    return errors;
  },
};
