import {
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  invalidValue,
  labelsOf,
  metadataOf,
  type ObjectDraft,
  required,
} from '@fairway/protocol';
import type { Job, JobSpec } from '@fairway/kinds/batch/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectImmutable, FieldErrors } from '../field-checks.ts';
import { selectorMatches, validateLabelSelector } from './label-selectors.ts';
import { applyPodTemplateDefaults } from './pod-spec-defaults.ts';
import { statusRules } from './status-subresource.ts';
import { validateJobSpec } from './validate-job-spec.ts';
import { shownLabels, sortedByKey } from './workload-templates.ts';

type JobDraft = ObjectDraft<Job>;

const jobStatus = statusRules<JobDraft>(() => ({}));

/**
 * Unless `manualSelector` is true, the server writes the selector and the pods' labels from the
 * job's uid.
 * Source: batch/v1 Job; batch validation, ValidateJob.
 */
export const jobRules: KindRules<JobDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: applyJobDefaults,
  ...jobStatus,
  prepareForCreate: (job) => {
    jobStatus.prepareForCreate(job);
    if (job.spec?.manualSelector !== true) generateSelector(job);
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  fieldLabels: { 'status.successful': (job) => String(job.status?.succeeded ?? 0) },
};

function applyJobDefaults(job: JobDraft): void {
  job.spec ??= {};
  const spec = job.spec;
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1;
    spec.parallelism = 1;
  }
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2147483647;
  if (!spec.completionMode) spec.completionMode = 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const condition of rule.onPodConditions ?? []) {
      if (!condition.status) condition.status = 'True';
    }
  }
  spec.template ??= {};
  applyPodTemplateDefaults(spec.template);
  shareTemplateLabels(job);
}

/**
 * A job without labels carries those of its pods: the very same, so that those which are added to its
 * pods later are the job's too.
 */
function shareTemplateLabels(job: JobDraft): void {
  const labels = job.spec?.template?.metadata?.labels;
  if (labels === undefined || Object.keys(labels).length === 0) return;
  if (Object.keys(labelsOf(job)).length === 0) metadataOf(job).labels = labels;
}

const uidLabel = 'batch.kubernetes.io/controller-uid';
const nameLabel = 'batch.kubernetes.io/job-name';

/** Ties the job to its pods by the job's uid, which the caller has set. */
function generateSelector(job: JobDraft): void {
  job.spec ??= {};
  const uid = job.metadata?.uid ?? '';
  const name = job.metadata?.name ?? '';
  job.spec.template ??= {};
  job.spec.template.metadata ??= {};
  const metadata = job.spec.template.metadata;
  metadata.labels ??= {};
  Object.assign(metadata.labels, {
    'job-name': name,
    'controller-uid': uid,
    [nameLabel]: name,
    [uidLabel]: uid,
  });
  job.spec.selector ??= {};
  job.spec.selector.matchLabels = { ...job.spec.selector.matchLabels, [uidLabel]: uid };
  shareTemplateLabels(job);
}

function validateJob(job: JobDraft, stored?: JobDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = job.spec ?? {};
  if (spec.manualSelector !== true) validateGeneratedSelector(job, errors);
  validateJobSpec(spec, { field: 'spec', stored: stored?.spec }, errors);
  if (!spec.selector) errors.push(required('spec.selector'));
  else validateLabelSelector(spec.selector, 'spec.selector', errors);
  if (!selectorMatches(spec.selector, labelsOf(spec.template ?? {}))) {
    const text = '`selector` does not match template `labels`';
    const labels = shownLabels(spec.template);
    errors.push(invalidValue('spec.template.metadata.labels', labels, text));
  }
  return errors;
}

function validateGeneratedSelector(job: JobDraft, errors: FieldErrors): void {
  const selector = job.spec?.selector;
  if (!selector) return;
  const uid = job.metadata?.uid ?? '';
  if (uid === '') errors.push(required('metadata.uid'));
  const labels = labelsOf(job.spec?.template ?? {});
  for (const [key, expected] of [
    [uidLabel, uid],
    [nameLabel, job.metadata?.name ?? ''],
  ] as const) {
    const actual = labels[key];
    const field = `spec.template.metadata.labels[${key}]`;
    if (actual === undefined) errors.push(required(field, `must be '${expected}'`));
    else if (actual !== expected) {
      errors.push(invalidValue(field, sortedByKey(labels), `must be '${expected}'`));
    }
  }
  const generated = {
    [uidLabel]: uid,
    [nameLabel]: job.metadata?.name ?? '',
    'controller-uid': uid,
    'job-name': job.metadata?.name ?? '',
  };
  if (!selectorMatches(selector, generated)) {
    errors.push(invalidValue('spec.selector', selector, '`selector` not auto-generated'));
  }
}

function validateJobUpdate(job: JobDraft, stored: JobDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = job.spec ?? {};
  const old = stored.spec ?? {};
  const isElastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  if (!isElastic) {
    expectImmutable(
      { value: spec.completions, stored: old.completions, field: 'spec.completions' },
      errors,
    );
  }
  expectImmutable({ value: spec.selector, stored: old.selector, field: 'spec.selector' }, errors);
  const isResting = old.suspend === true && stored.status?.startTime === undefined;
  const value = isResting ? withStoredScheduling(spec, old) : spec.template;
  expectImmutable({ value, stored: old.template, field: 'spec.template' }, errors);
  for (const name of [
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ] as const) {
    expectImmutable({ value: spec[name], stored: old[name], field: `spec.${name}` }, errors);
  }
  return errors;
}

/** Where pods go may still change while a job has not started. */
function withStoredScheduling(spec: Draft<JobSpec>, old: Draft<JobSpec>): unknown {
  const kept = old.template?.spec;
  return {
    ...spec.template,
    metadata: old.template?.metadata,
    spec: {
      ...spec.template?.spec,
      nodeSelector: kept?.nodeSelector,
      affinity: kept?.affinity,
      tolerations: kept?.tolerations,
      schedulingGates: kept?.schedulingGates,
    },
  };
}
