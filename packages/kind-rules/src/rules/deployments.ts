import {
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  forbiddenField,
  invalidValue,
  metadataOf,
  type ObjectDraft,
  required,
} from '@fairway/protocol';
import type { Deployment, DeploymentSpec } from '@fairway/kinds/apps/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectAtMostWhole,
  expectCountOrPercent,
  expectImmutable,
  expectNonNegative,
  expectOneOf,
  FieldErrors,
  percentOf,
} from '../field-checks.ts';
import { applyPodTemplateDefaults } from './pod-spec-defaults.ts';
import { statusRules } from './status-subresource.ts';
import {
  validateReplicaCounts,
  validateWorkloadSelector,
  validateWorkloadTemplate,
} from './workload-templates.ts';

type DeploymentDraft = ObjectDraft<Deployment>;

const status = statusRules<DeploymentDraft>(() => ({}));

/** Source: apps/v1 Deployment; apps validation, ValidateDeployment. */
export const deploymentRules: KindRules<DeploymentDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults,
  ...status,
  prepareForStatusUpdate: (deployment, stored) => {
    status.prepareForStatusUpdate(deployment, stored);
    const metadata = metadataOf(deployment);
    if (stored.metadata?.labels) metadata.labels = stored.metadata.labels;
    else delete metadata.labels;
  },
  validate,
  validateUpdate: (deployment, stored) => {
    const errors = new FieldErrors();
    const { spec, status: counts } = deployment;
    const value = { value: spec?.selector, stored: stored.spec?.selector };
    expectImmutable({ ...value, field: 'spec.selector' }, errors);
    const parts = ['updatedReplicas', 'readyReplicas', 'availableReplicas'];
    validateReplicaCounts(counts, { whole: 'replicas', parts }, errors);
    return errors;
  },
};

function applyDefaults(deployment: DeploymentDraft): void {
  deployment.spec ??= {};
  const spec = deployment.spec;
  spec.replicas ??= 1;
  spec.strategy ??= {};
  const strategy = spec.strategy;
  if (!strategy.type) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= '25%';
    strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  spec.template ??= {};
  applyPodTemplateDefaults(spec.template);
}

function validate(deployment: DeploymentDraft, stored?: DeploymentDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = deployment.spec ?? {};
  expectNonNegative(spec.replicas, 'spec.replicas', errors);
  validateWorkloadSelector(spec.selector, 'deployment', errors);
  validateWorkloadTemplate(
    spec,
    { field: 'spec.template', stored: stored?.spec?.template },
    errors,
  );
  validateStrategy(spec, errors);
  expectNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors);
  expectNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', errors);
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined) {
    expectNonNegative(deadline, 'spec.progressDeadlineSeconds', errors);
    if (deadline <= (spec.minReadySeconds ?? 0)) {
      const text = 'must be greater than minReadySeconds';
      errors.push(invalidValue('spec.progressDeadlineSeconds', deadline, text));
    }
  }
  return errors;
}

function validateStrategy(spec: Draft<DeploymentSpec>, errors: FieldErrors): void {
  const strategy = spec.strategy ?? {};
  const rolling = strategy.rollingUpdate;
  const field = 'spec.strategy.rollingUpdate';
  if (strategy.type === 'Recreate' && rolling) {
    const text = "may not be specified when strategy `type` is 'Recreate'";
    errors.push(forbiddenField(field, text));
  } else if (strategy.type === 'RollingUpdate' && !rolling) {
    errors.push(required(field, 'this should be defaulted and never be nil'));
  } else if (strategy.type === 'RollingUpdate') {
    validateRollingUpdate(rolling ?? {}, field, errors);
  } else {
    const supported = ['Recreate', 'RollingUpdate'];
    expectOneOf(strategy.type, { field: 'spec.strategy.type', supported }, errors);
  }
}

/** What is wrong with how many pods a rolling update may miss and may have too many. */
function validateRollingUpdate(
  rolling: { readonly maxUnavailable?: number | string; readonly maxSurge?: number | string },
  field: string,
  errors: FieldErrors,
): void {
  expectCountOrPercent(rolling.maxUnavailable, `${field}.maxUnavailable`, errors);
  expectCountOrPercent(rolling.maxSurge, `${field}.maxSurge`, errors);
  if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) {
    const text = 'may not be 0 when `maxSurge` is 0';
    errors.push(invalidValue(`${field}.maxUnavailable`, rolling.maxUnavailable ?? 0, text));
  }
  expectAtMostWhole(rolling.maxUnavailable, `${field}.maxUnavailable`, errors);
}

function isZero(value: number | string | undefined): boolean {
  return (percentOf(value) ?? value ?? 0) === 0;
}
