import { type CronJob, type CronJobStatus, Job } from '@fairway/kinds/batch/v1';
import type { ObjectReference } from '@fairway/kinds/core/v1';
import { type DeepReadonly, apiVersionOf, formatTime, parseTime } from '@fairway/protocol';
import type { EventText } from '@fairway/reconcile';
import { isConditionTrue, isJobFinished } from '../jobs/job-conditions.ts';
import { scheduledTimeOf } from './scheduled-job.ts';

type AnyJob = DeepReadonly<Job>;

/** What the jobs of a cron job make of its status, and what is to be told. */
export interface JobList {
  readonly status: CronJobStatus;
  readonly events: readonly EventText[];
}

/**
 * Takes in what has become of its jobs: those that have finished or are gone are active no more. One that was
 * made for a time and whose making was never written down is remembered now.
 */
export function readJobs(cronJob: DeepReadonly<CronJob>, jobs: readonly AnyJob[]): JobList {
  const { status = {} } = cronJob;
  const events: EventText[] = [];
  const byUid = new Map(jobs.map((job) => [job.metadata?.uid ?? '', job]));
  const isKnown = new Set((status.active ?? []).map(({ uid }) => uid));
  const active = (status.active ?? []).filter(({ uid, name }) => {
    const job = byUid.get(uid ?? '');
    if (job !== undefined && !isJobFinished(job)) return true;
    events.push(job === undefined ? missing(name) : completed(job));
    return false;
  });
  let lastMs = parseTime(status.lastScheduleTime ?? '');
  for (const job of jobs) {
    if (isKnown.has(job.metadata?.uid)) continue;
    const timeMs = scheduledTimeOf(job);
    if (timeMs !== undefined && timeMs > (lastMs ?? 0)) lastMs = timeMs;
    if (isJobFinished(job)) continue;
    if (timeMs === undefined) events.push(unexpected(job));
    else active.push(referenceTo(job));
  }
  const successMs = jobs
    .filter((job) => isConditionTrue(job, 'Complete'))
    .map((job) => parseTime(job.status?.completionTime ?? '') ?? 0);
  const lastSuccessMs = Math.max(parseTime(status.lastSuccessfulTime ?? '') ?? 0, ...successMs);
  return {
    status: {
      ...(active.length === 0 ? {} : { active }),
      ...(lastMs === undefined ? {} : { lastScheduleTime: formatTime(lastMs) }),
      ...(lastSuccessMs === 0 ? {} : { lastSuccessfulTime: formatTime(lastSuccessMs) }),
    },
    events,
  };
}

/** Finished jobs beyond what the cron job keeps of their kind, the oldest first. */
export function outlived(
  { spec }: DeepReadonly<CronJob>,
  jobs: readonly AnyJob[],
): readonly AnyJob[] {
  const oldest = (type: string, kept: number | undefined): readonly AnyJob[] => {
    const finished = jobs.filter((job) => isConditionTrue(job, type)).sort(byStart);
    return finished.slice(0, Math.max(0, finished.length - (kept ?? finished.length)));
  };
  return [
    ...oldest('Complete', spec?.successfulJobsHistoryLimit),
    ...oldest('Failed', spec?.failedJobsHistoryLimit),
  ];
}

/** How the status names a job that is active. */
export function referenceTo({ metadata }: AnyJob): ObjectReference {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = metadata ?? {};
  return { kind: Job.kind, namespace, name, uid, apiVersion: apiVersionOf(Job), resourceVersion };
}

function byStart(one: AnyJob, other: AnyJob): number {
  const start = ({ status }: AnyJob): number =>
    parseTime(status?.startTime ?? '') ?? Number.POSITIVE_INFINITY;
  const [oneMs, otherMs] = [start(one), start(other)];
  if (oneMs !== otherMs) return oneMs < otherMs ? -1 : 1;
  return (one.metadata?.name ?? '') < (other.metadata?.name ?? '') ? -1 : 1;
}

function missing(name: string | undefined): EventText {
  return { type: 'Normal', reason: 'MissingJob', message: `Active job went missing: ${name}` };
}

function completed(job: AnyJob): EventText {
  const condition = isConditionTrue(job, 'Complete') ? 'Complete' : 'Failed';
  const message = `Saw completed job: ${job.metadata?.name}, condition: ${condition}`;
  return { type: 'Normal', reason: 'SawCompletedJob', message };
}

function unexpected({ metadata }: AnyJob): EventText {
  const message = `Saw a job that the controller did not create or forgot: ${metadata?.name}`;
  return { type: 'Warning', reason: 'UnexpectedJob', message };
}
