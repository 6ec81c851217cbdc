import { CronJob, type Job } from '@fairway/kinds/batch/v1';
import { formatZonedTime } from '@fairway/kind-rules/cron';
import { type DeepReadonly, annotationsOf, parseTime } from '@fairway/protocol';
import { controllerReference } from '@fairway/reconcile';
import { zoneOf } from './due-time.ts';

const scheduledKey = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** The job of a cron job for one of its times, whose name says which: there can be no second one. */
export function scheduledJob(cronJob: DeepReadonly<CronJob>, timeMs: number): DeepReadonly<Job> {
  const { name = '', namespace = '' } = cronJob.metadata ?? {};
  const { metadata, spec } = cronJob.spec?.jobTemplate ?? {};
  return {
    metadata: {
      name: `${name}-${Math.floor(timeMs / 60_000)}`,
      namespace,
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      annotations: {
        ...metadata?.annotations,
        [scheduledKey]: formatZonedTime(zoneOf(cronJob.spec), timeMs),
      },
      ownerReferences: [controllerReference(CronJob, cronJob)],
    },
    ...(spec === undefined ? {} : { spec }),
  };
}

/** The time for which a job was made; undefined for one that was not made for a time. */
export function scheduledTimeOf(job: DeepReadonly<Job>): number | undefined {
  return parseTime(annotationsOf(job)[scheduledKey] ?? '');
}
