import {
  annotationsOf,
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  invalidValue,
  metadataOf,
  type ObjectDraft,
  required,
  equalsJson,
} from '@fairway/protocol';
import type { DaemonSet, DaemonSetSpec } from '@fairway/kinds/apps/v1';

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
  forbidActiveDeadline,
  validateWorkloadSelector,
  validateWorkloadTemplate,
} from './workload-templates.ts';

type DaemonSetDraft = ObjectDraft<DaemonSet>;

const generationAnnotation = 'deprecated.daemonset.template.generation';
const status = statusRules<DaemonSetDraft>(() => ({
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
}));

/**
 * Changes of the template are counted in the annotation `deprecated.daemonset.template.generation`,
 * which was a field once.
 * Source: apps/v1 DaemonSet; apps validation, ValidateDaemonSet.
 */
export const daemonSetRules: KindRules<DaemonSetDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults,
  ...status,
  prepareForCreate: (set) => {
    status.prepareForCreate(set);
    setTemplateGeneration(set, Number(annotationsOf(set)[generationAnnotation] ?? '0') || 1);
  },
  prepareForUpdate: (set, stored) => {
    status.prepareForUpdate(set, stored);
    const generation = Number(annotationsOf(stored)[generationAnnotation] ?? '1') || 1;
    const isChanged = !equalsJson(set.spec?.template, stored.spec?.template);
    setTemplateGeneration(set, isChanged ? generation + 1 : generation);
  },
  validate,
  validateUpdate: (set, stored) => {
    const errors = new FieldErrors();
    const value = { value: set.spec?.selector, stored: stored.spec?.selector };
    expectImmutable({ ...value, field: 'spec.selector' }, errors);
    return errors;
  },
};

function setTemplateGeneration(set: DaemonSetDraft, generation: number): void {
  const metadata = metadataOf(set);
  metadata.annotations = { ...metadata.annotations, [generationAnnotation]: String(generation) };
}

function applyDefaults(set: DaemonSetDraft): void {
  set.spec ??= {};
  const spec = set.spec;
  spec.updateStrategy ??= {};
  const strategy = spec.updateStrategy;
  if (!strategy.type) strategy.type = 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= 1;
    strategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= {};
  applyPodTemplateDefaults(spec.template);
}

function validate(set: DaemonSetDraft, stored?: DaemonSetDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = set.spec ?? {};
  validateWorkloadSelector(spec.selector, 'daemonset', errors);
  validateWorkloadTemplate(
    spec,
    { field: 'spec.template', stored: stored?.spec?.template },
    errors,
  );
  forbidActiveDeadline(spec.template, 'DaemonSet', errors);
  expectNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors);
  validateStrategy(spec, errors);
  expectNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', errors);
  return errors;
}

function validateStrategy(spec: Draft<DaemonSetSpec>, errors: FieldErrors): void {
  const { type, rollingUpdate: rolling } = spec.updateStrategy ?? {};
  const field = 'spec.updateStrategy';
  if (type !== 'RollingUpdate') {
    const supported = ['OnDelete', 'RollingUpdate'];
    expectOneOf(type, { field: `${field}.type`, supported }, errors);
    return;
  }
  if (!rolling) {
    errors.push(required(`${field}.rollingUpdate`));
    return;
  }
  const path = `${field}.rollingUpdate`;
  expectCountOrPercent(rolling.maxUnavailable, `${path}.maxUnavailable`, errors);
  expectAtMostWhole(rolling.maxUnavailable, `${path}.maxUnavailable`, errors);
  expectCountOrPercent(rolling.maxSurge, `${path}.maxSurge`, errors);
  expectAtMostWhole(rolling.maxSurge, `${path}.maxSurge`, errors);
  const isMissing = !isZero(rolling.maxUnavailable);
  const isSurging = !isZero(rolling.maxSurge);
  if (isMissing && isSurging) {
    const text = 'may not be set when maxUnavailable is non-zero';
    errors.push(invalidValue(`${path}.maxSurge`, rolling.maxSurge, text));
  } else if (!isMissing && !isSurging) {
    const text = 'cannot be 0 when maxSurge is 0';
    errors.push(invalidValue(`${path}.maxUnavailable`, rolling.maxUnavailable ?? 0, text));
  }
}

function isZero(value: number | string | undefined): boolean {
  return (percentOf(value) ?? value ?? 0) === 0;
}
