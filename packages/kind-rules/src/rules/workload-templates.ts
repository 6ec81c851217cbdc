import {
  type Draft,
  forbiddenField,
  invalidValue,
  labelsOf,
  required,
  unsupported,
} from '@fairway/protocol';
import type { LabelSelector } from '@fairway/kinds/meta/v1';
import type { PodTemplateSpec } from '@fairway/kinds/core/v1';

import { expectNonNegative, type FieldErrors } from '../field-checks.ts';
import { isEmptySelector, selectorMatches, validateLabelSelector } from './label-selectors.ts';
import { type TemplatePlace, validatePodTemplate } from './validate-pod-spec.ts';

/** The pods that a workload makes, and how it finds them. */
interface SelectedTemplate {
  readonly template?: Draft<PodTemplateSpec>;
  readonly selector?: Draft<LabelSelector>;
}

/**
 * What is wrong with a template whose pods run for ever and are found by a selector.
 * Source: apps validation, ValidatePodTemplateSpecForReplicaSet.
 */
export function validateWorkloadTemplate(
  workload: SelectedTemplate,
  place: TemplatePlace,
  errors: FieldErrors,
): void {
  const { field } = place;
  const template = workload.template ?? {};
  expectSelectedTemplate(workload, field, errors);
  validatePodTemplate(template, place, errors);
  expectRestartAlways(template, field, errors);
}

/**
 * A workload finds its pods by a selector, which must not find all that there are. Kubernetes says
 * `deployment` of replica sets too.
 */
export function validateWorkloadSelector(
  selector: Draft<LabelSelector> | undefined,
  workload: 'daemonset' | 'deployment' | 'statefulset',
  errors: FieldErrors,
): void {
  if (!selector) {
    errors.push(required('spec.selector'));
    return;
  }
  validateLabelSelector(selector, 'spec.selector', errors);
  if (!isEmptySelector(selector)) return;
  errors.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${workload}`));
}

/** Pods that are made again for ever have no deadline. */
export function forbidActiveDeadline(
  template: Draft<PodTemplateSpec> | undefined,
  kind: 'DaemonSet' | 'ReplicaSet' | 'ReplicationController' | 'StatefulSet',
  errors: FieldErrors,
): void {
  if (template?.spec?.activeDeadlineSeconds === undefined) return;
  const text = `activeDeadlineSeconds in ${kind} is not Supported`;
  errors.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', text));
}

/** The template's labels are what the selector looks for. */
export function expectSelectedTemplate(
  workload: SelectedTemplate,
  field: string,
  errors: FieldErrors,
): void {
  if (workload.selector && isEmptySelector(workload.selector)) return;
  const labels = labelsOf(workload.template ?? {});
  // What is not there selects nothing, while what is empty selects everything.
  if (selectorMatches(workload.selector, labels)) return;
  const text = '`selector` does not match template `labels`';
  errors.push(invalidValue(`${field}.metadata.labels`, shownLabels(workload.template), text));
}

/** Labels as a message shows them; those that are not given are null. */
export function shownLabels(
  template: Draft<PodTemplateSpec> | undefined,
): Readonly<Record<string, string>> | null {
  const labels = template?.metadata?.labels;
  return labels === undefined ? null : sortedByKey(labels);
}

export function expectRestartAlways(
  template: Draft<PodTemplateSpec>,
  field: string,
  errors: FieldErrors,
): void {
  const policy = template.spec?.restartPolicy;
  if (policy !== 'Always') {
    errors.push(unsupported(`${field}.spec.restartPolicy`, policy ?? '', ['Always']));
  }
}

/** The API writes maps in the order of their keys. */
export function sortedByKey(
  map: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Counts in a status are not negative, and parts are not more than the whole. */
export function validateReplicaCounts(
  status: Readonly<Record<string, unknown>> | undefined,
  { whole, parts }: { readonly whole: string; readonly parts: readonly string[] },
  errors: FieldErrors,
): void {
  if (!status) return;
  const countOf = (name: string): number => {
    const count = status[name];
    return typeof count === 'number' ? count : 0;
  };
  for (const name of [whole, ...parts]) {
    expectNonNegative(countOf(name), `status.${name}`, errors);
  }
  for (const name of parts) {
    if (countOf(name) > countOf(whole)) {
      const text = `cannot be greater than status.${whole}`;
      errors.push(invalidValue(`status.${name}`, countOf(name), text));
    }
  }
}
