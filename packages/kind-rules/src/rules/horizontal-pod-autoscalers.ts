import {
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type { HPAScalingRules, HorizontalPodAutoscaler } from '@fairway/kinds/autoscaling/v2';

import type { KindRules } from '../kind-rules.ts';
import { autoscalerToVersion2 } from '../versions/convert-autoscaler.ts';
import { isNegativeAmount } from './amounts.ts';
import { expectOptionalOneOf, FieldErrors, negativeText } from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { validateMetric } from './validate-metrics.ts';
import { validateObjectReference } from './validate-object-reference.ts';

type AutoscalerDraft = ObjectDraft<HorizontalPodAutoscaler>;

const status = statusRules<AutoscalerDraft>(emptyAutoscalerStatus);

/**
 * Takes autoscalers in both shapes: `v1` has one target for the processor instead of metrics. Zero
 * replicas are allowed only where they were before, with a metric that does not come from the pods.
 * Source: autoscaling/v2 HorizontalPodAutoscaler; autoscaling validation; KEP-2021.
 */
export const horizontalPodAutoscalerRules: KindRules<AutoscalerDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: applyAutoscalerDefaults,
  ...status,
  prepareForCreate: (autoscaler) => {
    if (isVersion1(autoscaler)) autoscaler.status = { currentReplicas: 0, desiredReplicas: 0 };
    else status.prepareForCreate(autoscaler);
  },
  validate: validateAutoscaler,
};

/** With null for the list of metrics, as a status that was sent has by its schema (`writesNull`). */
function emptyAutoscalerStatus(): NonNullable<AutoscalerDraft['status']> {
  const status: NonNullable<AutoscalerDraft['status']> = { desiredReplicas: 0 };
  Object.assign(status, { currentMetrics: null });
  return status;
}

function applyAutoscalerDefaults(autoscaler: AutoscalerDraft): void {
  autoscaler.spec ??= {};
  const spec = autoscaler.spec;
  spec.minReplicas ??= 1;
  if (isVersion1(autoscaler)) {
    const { spec: asked } = asVersion2(autoscaler);
    if (!asked?.metrics?.length) Object.assign(spec, { targetCPUUtilizationPercentage: 80 });
    return;
  }
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

function validateAutoscaler(
  served: AutoscalerDraft,
  storedServed?: AutoscalerDraft,
): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = asVersion2(served).spec ?? {};
  const old = storedServed && asVersion2(storedServed).spec;
  validateReplicas(spec, old, errors);
  const target = {
    field: 'spec.scaleTargetRef',
    // The one kind of the core group that has a scale.
    mayLackGroup: spec.scaleTargetRef?.kind === 'ReplicationController',
    ...(old && { stored: old.scaleTargetRef ?? {} }),
  };
  validateObjectReference(spec.scaleTargetRef ?? {}, target, errors);
  spec.metrics?.forEach((metric, index) => {
    const path = `spec.metrics[${index}]`;
    validateMetric(metric, { field: path, stored: old?.metrics?.[index] }, errors);
  });
  const isCountable = spec.metrics?.some(({ type }) => type === 'Object' || type === 'External');
  if (spec.minReplicas === 0 && isCountable !== true) {
    const text =
      'must specify at least one Object or External metric to support scaling to zero replicas';
    errors.push(forbiddenField('spec.metrics', text));
  }
  for (const name of ['scaleUp', 'scaleDown'] as const) {
    const rules = spec.behavior?.[name];
    if (rules) validateScalingRules(rules, `spec.behavior.${name}`, errors);
  }
  return errors;
}

/** What v1 says in fields of its own and in annotations has the rules of v2. */
function asVersion2(autoscaler: AutoscalerDraft): AutoscalerDraft {
  return isVersion1(autoscaler) ? autoscalerToVersion2(autoscaler) : autoscaler;
}

type AutoscalerSpec = NonNullable<AutoscalerDraft['spec']>;

function validateReplicas(
  spec: AutoscalerSpec,
  old: AutoscalerSpec | undefined,
  errors: FieldErrors,
): void {
  const min = spec.minReplicas;
  const max = spec.maxReplicas ?? 0;
  // Zero needs a feature that is off by default; who has it keeps it.
  const lowest = old?.minReplicas === 0 ? 0 : 1;
  if (min !== undefined && min < lowest) {
    const text = `must be greater than or equal to ${lowest}`;
    errors.push(invalidValue('spec.minReplicas', min, text));
  }
  if (max === 0) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  if (max < 0) {
    errors.push(invalidValue('spec.maxReplicas', max, 'must be greater than or equal to 1'));
  }
  if (min !== undefined && max < min) {
    const text = 'must be greater than or equal to `minReplicas`';
    errors.push(invalidValue('spec.maxReplicas', max, text));
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
    const types = ['Percent', 'Pods'];
    if (!types.includes(policy.type ?? '')) {
      errors.push(unsupported(`${path}.type`, policy.type ?? '', types));
    }
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
  if (rules.tolerance !== undefined && isNegativeAmount(rules.tolerance)) {
    errors.push(invalidValue(`${field}.tolerance`, rules.tolerance, negativeText));
  }
}
