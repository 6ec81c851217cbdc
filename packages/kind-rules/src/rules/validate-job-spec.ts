import { type Draft, invalidValue, required, unsupported } from '@fairway/protocol';
import type { JobSpec } from '@fairway/kinds/batch/v1';

import { expectNonNegative, expectOptionalOneOf, type FieldErrors } from '../field-checks.ts';
import { validateJobPolicies } from './job-policies.ts';
import { validatePodTemplate } from './validate-pod-spec.ts';

const indexedParallelismMax = 100_000;

/**
 * What is wrong with a job, alone or in a cron job.
 * Source: batch validation, validateJobSpec; KEP-3850 for limits per index.
 */
export function validateJobSpec(
  spec: Draft<JobSpec>,
  { field, stored }: { readonly field: string; readonly stored?: Draft<JobSpec> | undefined },
  errors: FieldErrors,
): void {
  for (const name of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const) {
    expectNonNegative(spec[name], `${field}.${name}`, errors);
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    const text = 'when maxFailedIndexes is specified';
    errors.push(required(`${field}.backoffLimitPerIndex`, text));
  }
  validateCompletionMode(spec, field, errors);
  validateJobPolicies(spec, field, errors);
  const place = { field: `${field}.template`, stored: stored?.template };
  validatePodTemplate(spec.template ?? {}, place, errors);
  const restart = `${field}.template.spec.restartPolicy`;
  const policy = spec.template?.spec?.restartPolicy;
  const supported = ['OnFailure', 'Never'];
  if (!policy || policy === 'Always') {
    errors.push(required(restart, 'valid values: "OnFailure", "Never"'));
  } else if (!supported.includes(policy)) {
    errors.push(unsupported(restart, policy, supported));
  } else if (spec.podFailurePolicy && policy !== 'Never') {
    const text = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(invalidValue(restart, policy, text));
  }
}

function validateCompletionMode(spec: Draft<JobSpec>, field: string, errors: FieldErrors): void {
  const supported = ['NonIndexed', 'Indexed'];
  const mode = { field: `${field}.completionMode`, supported };
  expectOptionalOneOf(spec.completionMode, mode, errors);
  if (spec.completionMode === 'Indexed') {
    if (spec.completions === undefined) {
      errors.push(required(`${field}.completions`, 'when completion mode is Indexed'));
    }
    if ((spec.parallelism ?? 0) > indexedParallelismMax) {
      const text = `must be less than or equal to ${indexedParallelismMax} when completion mode is Indexed`;
      errors.push(invalidValue(`${field}.parallelism`, spec.parallelism, text));
    }
    validateFailedIndexes(spec, field, errors);
    return;
  }
  const text = 'requires indexed completion mode';
  if (spec.backoffLimitPerIndex !== undefined) {
    errors.push(invalidValue(`${field}.backoffLimitPerIndex`, spec.backoffLimitPerIndex, text));
  }
  if (spec.maxFailedIndexes !== undefined) {
    errors.push(invalidValue(`${field}.maxFailedIndexes`, spec.maxFailedIndexes, text));
  }
}

const failedIndexesMax = 100_000;
/** Beyond so many completions with a limit per index, the status has to stay small. */
const completionsSoftMax = 100_000;
const manyCompletionsMax = 10_000;

function validateFailedIndexes(spec: Draft<JobSpec>, field: string, errors: FieldErrors): void {
  const { completions, maxFailedIndexes: failed, parallelism, backoffLimitPerIndex } = spec;
  const path = `${field}.maxFailedIndexes`;
  if (failed !== undefined && completions !== undefined && failed > completions) {
    errors.push(invalidValue(path, failed, 'must be less than or equal to completions'));
  }
  if (failed !== undefined && failed > failedIndexesMax) {
    const text = `must be less than or equal to ${failedIndexesMax}`;
    errors.push(invalidValue(path, failed, text));
  }
  if (completions === undefined || completions <= completionsSoftMax) return;
  if (backoffLimitPerIndex === undefined) return;
  if (failed === undefined) {
    const text = `must be specified when completions is above ${completionsSoftMax}`;
    errors.push(required(path, text));
  }
  const text = `must be less than or equal to ${manyCompletionsMax} when completions are above ${completionsSoftMax} and used with backoff limit per index`;
  if (parallelism !== undefined && parallelism > manyCompletionsMax) {
    errors.push(invalidValue(`${field}.parallelism`, parallelism, text));
  }
  if (failed !== undefined && failed > manyCompletionsMax) {
    errors.push(invalidValue(path, failed, text));
  }
}
