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
import { isTimeZone, parseCronSchedule } from '../cron/cron-schedule.ts';
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
  validateCreate,
};

/** Jobs get eleven more characters than the cron job that makes them. */
const cronJobNameMax = 52;

/** A name that was let pass before may stay. */
function validateCreate({ metadata }: CronJobDraft): readonly FieldError[] {
  const name = metadata?.name ?? '';
  if (name.length <= cronJobNameMax) return [];
  const text = `must be no more than ${cronJobNameMax} characters`;
  return [invalidValue('metadata.name', name, text)];
}

function validateCronJob(cronJob: CronJobDraft, stored?: CronJobDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = cronJob.spec ?? {};
  const old = stored?.spec;
  if (!spec.schedule) errors.push(required('spec.schedule'));
  else validateSchedule(spec.schedule, { zone: spec.timeZone, old: old?.schedule }, errors);
  expectNonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds', errors);
  if (stored === undefined || old?.timeZone !== spec.timeZone) {
    validateTimeZone(spec.timeZone, errors);
  }
  const supported = ['Allow', 'Forbid', 'Replace'];
  expectOneOf(spec.concurrencyPolicy, { field: 'spec.concurrencyPolicy', supported }, errors);
  validateJobTemplate(cronJob, stored, errors);
  expectNonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit', errors);
  expectNonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit', errors);
  return errors;
}

function validateSchedule(
  schedule: string,
  { zone, old }: { readonly zone: string | undefined; readonly old: string | undefined },
  errors: FieldErrors,
): void {
  const wrong = parseCronSchedule(schedule);
  if (typeof wrong === 'string') errors.push(invalidValue('spec.schedule', schedule, wrong));
  if (!schedule.includes('TZ')) return;
  if (!old?.includes('TZ')) {
    const text = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(invalidValue('spec.schedule', schedule, text));
  } else if (zone !== undefined) {
    const text = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    errors.push(invalidValue('spec.schedule', schedule, text));
  }
}

function validateJobTemplate(
  { spec }: CronJobDraft,
  stored: CronJobDraft | undefined,
  errors: FieldErrors,
): void {
  const job = spec?.jobTemplate?.spec ?? {};
  const field = 'spec.jobTemplate.spec';
  validateJobSpec(job, { field, stored: stored?.spec?.jobTemplate?.spec }, errors);
  if (job.selector) {
    const text = '`selector` will be auto-generated';
    errors.push(invalidValue(`${field}.selector`, job.selector, text));
  }
  if (job.manualSelector) {
    errors.push(unsupported(`${field}.manualSelector`, true, ['nil', 'false']));
  }
}

/** One step of a name: letters, digits of old names, a few signs. Source: IANA tz, "Names". */
const zoneStepPattern = /^(?!\.{1,2}$)(?!-)[A-Za-z.\-_0-9+]{1,14}$/;

function validateTimeZone(timeZone: string | undefined, errors: FieldErrors): void {
  if (timeZone === undefined) return;
  const refuse = (text: string): void => {
    errors.push(invalidValue('spec.timeZone', timeZone, text));
  };
  if (timeZone === '') return refuse('timeZone must be nil or non-empty string');
  const isNamed = timeZone.split('/').every((step) => zoneStepPattern.test(step));
  if (!isNamed) return refuse(`unknown time zone ${timeZone}`);
  const isLocal = timeZone.toLowerCase() === 'local';
  if (isLocal) {
    refuse('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
  }
  // Go knows its own name for the zone of the machine, and no other spelling of it.
  if (timeZone !== 'Local' && !isTimeZone(timeZone)) refuse(`unknown time zone ${timeZone}`);
}
