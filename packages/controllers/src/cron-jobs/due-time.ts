import type { CronJob } from '@fairway/kinds/batch/v1';
import { type CronSchedule, lastTimeUpTo, nextTimeAfter } from '@fairway/kind-rules/cron';
import { type DeepReadonly, parseTime } from '@fairway/protocol';

/** What the time asks of a cron job. */
export interface DueTime {
  /** The last time of its schedule that was not served; undefined when none was. */
  readonly dueMs?: number;
  /** More were missed than can be told from a clock that is wrong. */
  readonly isTooMany: boolean;
  /** It is later than its deadline allows. */
  readonly isTooLate: boolean;
  /** When to look again; undefined when its schedule never comes. */
  readonly nextMs?: number;
}

/** Times that may be missed without a word. */
const missedMax = 100;

/** Looks at the times since the last one that was served, and no further back than the deadline for starting. */
export function dueTime(
  { metadata, spec, status }: DeepReadonly<CronJob>,
  schedule: CronSchedule,
  nowMs: number,
): DueTime {
  const deadlineMs = (spec?.startingDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
  const lastMs = parseTime(status?.lastScheduleTime ?? metadata?.creationTimestamp ?? '') ?? nowMs;
  const zone = zoneOf(spec);
  const span = { nowMs, countMax: missedMax + 1, zone };
  const last = lastTimeUpTo(schedule, { ...span, afterMs: Math.max(lastMs, nowMs - deadlineMs) });
  // One that was missed is told of: it is looked for without the deadline.
  const missed = last ?? lastTimeUpTo(schedule, { ...span, afterMs: lastMs });
  const nextMs = nextTimeAfter(schedule, missed?.timeMs ?? nowMs, zone);
  const upcoming =
    nextMs !== undefined && nextMs <= nowMs ? nextTimeAfter(schedule, nowMs, zone) : nextMs;
  return {
    isTooMany: (last?.count ?? 0) > missedMax,
    isTooLate: missed !== undefined && missed.timeMs + deadlineMs < nowMs,
    ...(missed === undefined ? {} : { dueMs: missed.timeMs }),
    ...(upcoming === undefined ? {} : { nextMs: upcoming }),
  };
}

/** The zone of a schedule without one is UTC. */
export function zoneOf(spec: DeepReadonly<CronJob>['spec']): string {
  return spec?.timeZone ?? 'UTC';
}
