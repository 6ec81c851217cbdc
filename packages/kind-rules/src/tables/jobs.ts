import type { CronJob, Job } from '@fairway/kinds/batch/v1';
import { humanDuration, parseTime } from '@fairway/protocol';
import type { TableColumns } from '../table-columns.ts';
import { containerColumns } from './container-columns.ts';
import { age, defineTable, flag, integer, name, text, wide } from './define-table.ts';
import { elapsedSince } from './elapsed-since.ts';
import { formatSelector } from './format-labels.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printJob and printCronJob. */
export const jobs: TableColumns = defineTable<Job>([
  name,
  text('Status', 'How the job is.', jobStatus),
  text('Completions', 'Pods that succeeded, of those that have to.', completions),
  text('Duration', 'How long the job took, or has been running.', jobDuration),
  age,
  ...containerColumns<Shown<Job>>(({ spec }) => spec?.template?.spec).map(wide),
  wide(text('Selector', 'Labels of its pods.', ({ spec }) => formatSelector(spec?.selector))),
]);

export const cronJobs: TableColumns = defineTable<CronJob>([
  name,
  text('Schedule', 'When jobs start, as cron writes it.', ({ spec }) => spec?.schedule ?? ''),
  text('Timezone', 'Time zone of the schedule.', ({ spec }) => spec?.timeZone ?? '<none>'),
  flag('Suspend', 'Whether no more jobs are started.', ({ spec }) => suspended(spec?.suspend)),
  integer('Active', 'Jobs that run now.', ({ status }) => (status?.active ?? []).length),
  text('Last Schedule', 'Time since a job was last started.', ({ status }, nowMs) => {
    const last = status?.lastScheduleTime;
    return last === undefined ? '<none>' : elapsedSince(last, nowMs);
  }),
  age,
  ...containerColumns<Shown<CronJob>>(({ spec }) => spec?.jobTemplate?.spec?.template?.spec).map(
    wide,
  ),
  wide(
    text('Selector', 'Labels of the pods of its jobs.', ({ spec }) => {
      return formatSelector(spec?.jobTemplate?.spec?.selector);
    }),
  ),
]);

function jobStatus({ metadata, status }: Shown<Job>): string {
  const holds = (type: string) =>
    status?.conditions?.some((each) => each.type === type && each.status === 'True') === true;
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (metadata?.deletionTimestamp !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running';
}

function completions({ spec, status }: Shown<Job>): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const { parallelism = 0 } = spec ?? {};
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: Shown<Job>, nowMs: number): string {
  const startMs = parseTime(status?.startTime ?? '');
  if (startMs === undefined) return '';
  return humanDuration((parseTime(status?.completionTime ?? '') ?? nowMs) - startMs);
}

function suspended(suspend: boolean | undefined): string {
  if (suspend === undefined) return '<unset>';
  return suspend ? 'True' : 'False';
}
