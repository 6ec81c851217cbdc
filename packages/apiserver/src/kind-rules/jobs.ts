import {
  checkDnsSubdomain,
  type FieldError,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type { CronJob, Job, JobSpec } from '@fairway/kinds/batch/v1';

import type { KindRules } from '../registry/kind-rules.ts';
import { checkCronSchedule } from './cron-schedule.ts';
import { type Draft, labelsOf, metadataOf, type ObjectDraft } from './draft.ts';
import {
  expectImmutable,
  expectNonNegative,
  expectOneOf,
  expectOptionalOneOf,
  type FieldErrors,
} from './field-checks.ts';
import { selectorMatches, validateLabelSelector } from './label-selectors.ts';
import { applyPodTemplateDefaults } from './pod-spec-defaults.ts';
import { validateJobPolicies } from './job-policies.ts';
import { statusRules } from './status-subresource.ts';
import { validatePodTemplate } from './validate-pod-spec.ts';
import { sortedByKey } from './workload-templates.ts';

type JobDraft = ObjectDraft<Job>;
type CronJobDraft = ObjectDraft<CronJob>;

const jobStatus = statusRules<JobDraft>(() => ({}));

export const jobRules: KindRules<JobDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
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
  copyTemplateLabels(job);
}

/** A job without labels carries those of its pods. */
function copyTemplateLabels(job: JobDraft): void {
  const labels = labelsOf(job.spec?.template ?? {});
  if (Object.keys(labels).length > 0 && Object.keys(labelsOf(job)).length === 0) {
    metadataOf(job).labels = { ...labels };
  }
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
  metadata.labels = {
    ...metadata.labels,
    'job-name': name,
    'controller-uid': uid,
    [nameLabel]: name,
    [uidLabel]: uid,
  };
  job.spec.selector ??= {};
  job.spec.selector.matchLabels = { ...job.spec.selector.matchLabels, [uidLabel]: uid };
  copyTemplateLabels(job);
}

function validateJob(job: JobDraft): readonly FieldError[] {
  const errors: FieldErrors = [];
  const spec = job.spec ?? {};
  if (spec.manualSelector !== true) validateGeneratedSelector(job, errors);
  validateJobSpec(spec, 'spec', errors);
  if (!spec.selector) errors.push(required('spec.selector'));
  else {
    validateLabelSelector(spec.selector, 'spec.selector', errors);
    const labels = labelsOf(spec.template ?? {});
    if (!selectorMatches(spec.selector, labels)) {
      const text = '`selector` does not match template `labels`';
      errors.push(invalidValue('spec.template.metadata.labels', sortedByKey(labels), text));
    }
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

const indexedParallelismMax = 100_000;

function validateJobSpec(spec: Draft<JobSpec>, field: string, errors: FieldErrors): void {
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
  validateCompletionMode(spec, field, errors);
  validateJobPolicies(spec, field, errors);
  validatePodTemplate(spec.template ?? {}, `${field}.template`, errors);
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

function validateJobUpdate(job: JobDraft, stored: JobDraft): readonly FieldError[] {
  const errors: FieldErrors = [];
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

export const cronJobRules: KindRules<CronJobDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (cronJob) => {
    cronJob.spec ??= {};
    const spec = cronJob.spec;
    if (!spec.concurrencyPolicy) spec.concurrencyPolicy = 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    spec.jobTemplate ??= {};
    spec.jobTemplate.metadata ??= {};
    spec.jobTemplate.spec ??= {};
    spec.jobTemplate.spec.template ??= {};
    applyPodTemplateDefaults(spec.jobTemplate.spec.template);
  },
  ...statusRules<CronJobDraft>(() => ({})),
  validate: validateCronJob,
};

/** Jobs get eleven more characters than the cron job that makes them. */
const cronJobNameMax = 52;

function validateCronJob(cronJob: CronJobDraft): readonly FieldError[] {
  const errors: FieldErrors = [];
  const name = cronJob.metadata?.name ?? '';
  if (name.length > cronJobNameMax) {
    errors.push(
      invalidValue('metadata.name', name, `must be no more than ${cronJobNameMax} characters`),
    );
  }
  const spec = cronJob.spec ?? {};
  if (!spec.schedule) errors.push(required('spec.schedule'));
  else {
    const wrong = checkCronSchedule(spec.schedule);
    if (wrong !== undefined) errors.push(invalidValue('spec.schedule', spec.schedule, wrong));
  }
  expectNonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds', errors);
  expectNonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit', errors);
  expectNonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit', errors);
  validateTimeZone(spec.timeZone, errors);
  const supported = ['Allow', 'Forbid', 'Replace'];
  expectOneOf(spec.concurrencyPolicy, { field: 'spec.concurrencyPolicy', supported }, errors);
  const job = spec.jobTemplate?.spec ?? {};
  validateJobSpec(job, 'spec.jobTemplate.spec', errors);
  if (job.selector) {
    const text = '`selector` will be auto-generated';
    errors.push(invalidValue('spec.jobTemplate.spec.selector', job.selector, text));
  }
  if (job.manualSelector) {
    errors.push(unsupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
  }
  return errors;
}

function validateTimeZone(timeZone: string | undefined, errors: FieldErrors): void {
  if (timeZone === undefined) return;
  if (timeZone === '') {
    errors.push(invalidValue('spec.timeZone', '', 'must be nil or non-empty string'));
  } else if (timeZone.toLowerCase() === 'local') {
    const text =
      'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    errors.push(invalidValue('spec.timeZone', timeZone, text));
  } else if (!isTimeZone(timeZone)) {
    errors.push(invalidValue('spec.timeZone', timeZone, `unknown time zone ${timeZone}`));
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
