import { CronJob, type CronJobStatus, Job } from '@fairway/kinds/batch/v1';
import { isTimeZone, parseCronSchedule } from '@fairway/kind-rules/cron';
import { type DeepReadonly, formatTime } from '@fairway/protocol';
import {
  type Controller,
  type ReconcileRequest,
  type Requeue,
  exponentialLimiter,
  isBeingDeleted,
  requeueAfter,
} from '@fairway/reconcile';
import { ownedBy } from '../caches/object-indexes.ts';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { ownerKeysOf } from '../owned-objects/owner-keys.ts';
import { writeStatus } from '../write-status.ts';
import { type DueTime, dueTime } from './due-time.ts';
import { outlived, readJobs, referenceTo } from './job-list.ts';
import { JobMaker } from './job-maker.ts';
import { scheduledJob } from './scheduled-job.ts';

type AnyCronJob = DeepReadonly<CronJob>;

/** A little late rather than too early: timers are not as exact as that. */
const afterTimeMs = 100;

/** Makes a job at each time of a cron job's schedule, and deletes those that are older than its history. */
export function cronJobs(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const { clock } = client;
  const jobs = sharedInformer(informers, Job);
  return sharedController(parts, CronJob, {
    concurrency: 5,
    limiter: exponentialLimiter({ firstMs: 1_000, maxMs: 60_000 }),
    watches: [watchShared(Job, ownerKeysOf(CronJob))],
    reconcile,
  });

  async function reconcile(request: ReconcileRequest<CronJob>): Promise<Requeue | undefined> {
    const { object: cronJob } = request;
    if (cronJob === undefined) return undefined;
    const maker = new JobMaker({ client, jobs }, request);
    const read = readJobs(cronJob, ownedBy(jobs, cronJob));
    for (const event of read.events) request.record(event);
    const outcome = isBeingDeleted(cronJob)
      ? { status: read.status }
      : await serve({ cronJob, status: read.status, maker, record: request.record });
    const change = { object: cronJob, status: outcome.status };
    if ((await writeStatus<CronJob>(request, CronJob, change)) === undefined) return undefined;
    if ('failure' in outcome) throw outcome.failure;
    for (const job of outlived(cronJob, ownedBy(jobs, cronJob))) {
      if (!isBeingDeleted(job)) await maker.delete(job.metadata ?? {});
    }
    return 'again' in outcome ? outcome.again : undefined;
  }

  async function serve(work: Work): Promise<Served> {
    const { cronJob, status, record } = work;
    const { schedule: text = '', timeZone, suspend } = cronJob.spec ?? {};
    if (timeZone !== undefined && !isTimeZone(timeZone)) {
      const message = `invalid timeZone: "${timeZone}": unknown time zone ${timeZone}`;
      record({ type: 'Warning', reason: 'UnknownTimeZone', message });
      return { status };
    }
    if (suspend === true) return { status };
    const schedule = parseCronSchedule(text);
    if (typeof schedule === 'string') {
      const message = `unparseable schedule: "${text}" : ${schedule}`;
      record({ type: 'Warning', reason: 'UnparseableSchedule', message });
      return { status };
    }
    const nowMs = clock.now();
    const due = dueTime({ ...cronJob, status }, schedule, nowMs);
    const again =
      due.nextMs === undefined ? undefined : requeueAfter(due.nextMs - nowMs + afterTimeMs);
    try {
      return { status: await start(work, due), again };
    } catch (failure) {
      return { status, failure };
    }
  }

  /** Answers the status afterwards. */
  async function start(work: Work, due: DueTime): Promise<CronJobStatus> {
    const { cronJob, status, maker, record } = work;
    const { dueMs, isTooLate, isTooMany } = due;
    const { concurrencyPolicy } = cronJob.spec ?? {};
    if (dueMs === undefined) return status;
    if (isTooMany) {
      const message =
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      record({ type: 'Warning', reason: 'TooManyMissedTimes', message });
    }
    if (isTooLate) {
      const message = `Missed scheduled time to start a job: ${formatRfc1123(dueMs)}`;
      record({ type: 'Warning', reason: 'MissSchedule', message });
      return status;
    }
    const { active = [] } = status;
    if (concurrencyPolicy === 'Forbid' && active.length > 0) {
      const message =
        'Not starting job because prior execution is running and concurrency policy is Forbid';
      record({ type: 'Normal', reason: 'JobAlreadyActive', message });
      return status;
    }
    const isReplaced = concurrencyPolicy === 'Replace';
    if (isReplaced) for (const job of active) await maker.delete(job);
    const made = await maker.create(cronJob, scheduledJob(cronJob, dueMs));
    if (made === undefined) return status;
    return {
      ...status,
      active: [...(isReplaced ? [] : active), referenceTo(made)],
      lastScheduleTime: formatTime(dueMs),
    };
  }
}

interface Work {
  readonly cronJob: AnyCronJob;
  /** With what has become of its jobs. */
  readonly status: CronJobStatus;
  readonly maker: JobMaker;
  readonly record: ReconcileRequest<CronJob>['record'];
}

type Served =
  | { readonly status: CronJobStatus; readonly again?: Requeue | undefined }
  | { readonly status: CronJobStatus; readonly failure: unknown };

/** `Thu, 01 Jan 2026 00:00:00 +0000` */
function formatRfc1123(timeMs: number): string {
  return new Date(timeMs).toUTCString().replace('GMT', '+0000');
}
