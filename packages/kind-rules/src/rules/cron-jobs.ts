import {
  checkDnsSubdomain,
  type FieldError,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type { CronJob } from '@fairway/kinds/batch/v1';

import type { KindRules } from '../kind-rules.ts';
import { checkCronSchedule } from './cron-schedule.ts';
import { expectNonNegative, expectOneOf, FieldErrors } from '../field-checks.ts';
import { applyPodTemplateDefaults } from './pod-spec-defaults.ts';
import { statusRules } from './status-subresource.ts';
import { validateJobSpec } from './validate-job-spec.ts';

type CronJobDraft = ObjectDraft<CronJob>;

/** Source: batch/v1 CronJob; batch validation, ValidateCronJobCreate; KEP-3140 for `timeZone`. */
export const cronJobRules: KindRules<CronJobDraft> = {
  checkName: checkDnsSubdomain,
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
  const errors = new FieldErrors();
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
    errors.push(invalidValue('spec.timeZone', '', 'timeZone must be nil or non-empty string'));
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
