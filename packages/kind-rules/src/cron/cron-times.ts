import type { CronSchedule } from './cron-schedule.ts';
import { zoneOffsetMs } from './zone-offset.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A schedule that comes on no day of five years never comes. */
const daysMax = 5 * 366;

type Fields = Extract<CronSchedule, { readonly kind: 'fields' }>;

/**
 * The first time of a schedule after an instant, in milliseconds since 1970; undefined when it never comes.
 * A time that clocks leave out when they are put forward does not come, and one that they show twice comes
 * twice.
 *
 * Source: robfig/cron v3, SpecSchedule and ConstantDelaySchedule.
 */
export function nextTimeAfter(
  schedule: CronSchedule,
  afterMs: number,
  zone = 'UTC',
): number | undefined {
  if (schedule.kind === 'every') return Math.floor(afterMs / 1_000) * 1_000 + schedule.everyMs;
  const { zone: own = zone } = schedule;
  const firstDayMs = startOfDay(afterMs + zoneOffsetMs(own, afterMs));
  for (let day = 0; day < daysMax; day++) {
    const wallMs = firstDayMs + day * dayMs;
    if (!isOnDay(schedule, new Date(wallMs))) continue;
    const time = firstOfDay(schedule, { wallMs, afterMs, zone: own });
    if (time !== undefined) return time;
  }
  return undefined;
}

/**
 * The last time of a schedule that is after one instant and not after another; undefined when there is none.
 * `count` is how many there are, counted up to `countMax`.
 */
export function lastTimeUpTo(
  schedule: CronSchedule,
  {
    afterMs,
    nowMs,
    countMax,
    zone = 'UTC',
  }: {
    readonly afterMs: number;
    readonly nowMs: number;
    readonly countMax: number;
    readonly zone?: string;
  },
): { readonly timeMs: number; readonly count: number } | undefined {
  let timeMs: number | undefined;
  let count = 0;
  for (const next of timesBetween(schedule, { afterMs, nowMs, zone })) {
    timeMs = next;
    if (++count >= countMax) break;
  }
  if (timeMs === undefined || count < countMax)
    return timeMs === undefined ? undefined : { timeMs, count };
  if (schedule.kind === 'every') {
    const since = Math.floor((nowMs - timeMs) / schedule.everyMs);
    return { timeMs: timeMs + since * schedule.everyMs, count };
  }
  // Looks further and further back instead of through all that was missed.
  for (const backMs of [3_600_000, dayMs, 32 * dayMs, 366 * dayMs, daysMax * dayMs]) {
    const fromMs = Math.max(timeMs, nowMs - backMs);
    const last = [...timesBetween(schedule, { afterMs: fromMs, nowMs, zone })].at(-1);
    if (last !== undefined) return { timeMs: last, count };
  }
  return { timeMs, count };
}

function* timesBetween(
  schedule: CronSchedule,
  {
    afterMs,
    nowMs,
    zone,
  }: { readonly afterMs: number; readonly nowMs: number; readonly zone: string },
): Generator<number> {
  let timeMs = nextTimeAfter(schedule, afterMs, zone);
  while (timeMs !== undefined && timeMs <= nowMs) {
    yield timeMs;
    timeMs = nextTimeAfter(schedule, timeMs, zone);
  }
}

function startOfDay(wallMs: number): number {
  return Math.floor(wallMs / dayMs) * dayMs;
}

/** Where neither field for days was left open, one of them is enough. */
function isOnDay({ months, daysOfMonth, daysOfWeek }: Fields, date: Date): boolean {
  if (!months.values.has(date.getUTCMonth() + 1)) return false;
  const isMonthDay = daysOfMonth.values.has(date.getUTCDate());
  const isWeekDay = daysOfWeek.values.has(date.getUTCDay());
  if (daysOfMonth.isOpen || daysOfWeek.isOpen) return isMonthDay && isWeekDay;
  return isMonthDay || isWeekDay;
}

function isAtMinute({ hours, minutes }: Fields, minuteOfDay: number): boolean {
  return hours.values.has(Math.floor(minuteOfDay / 60)) && minutes.values.has(minuteOfDay % 60);
}

/** The first time after an instant on a day that begins at `wallMs` as clocks of the zone show it. */
function firstOfDay(
  schedule: Fields,
  {
    wallMs,
    afterMs,
    zone,
  }: { readonly wallMs: number; readonly afterMs: number; readonly zone: string },
): number | undefined {
  const offsetMs = zoneOffsetMs(zone, wallMs - zoneOffsetMs(zone, wallMs));
  const isEven = offsetMs === zoneOffsetMs(zone, wallMs + dayMs - offsetMs);
  if (isEven) {
    for (let minute = 0; minute < 1_440; minute++) {
      const timeMs = wallMs + minute * minuteMs - offsetMs;
      if (timeMs > afterMs && isAtMinute(schedule, minute)) return timeMs;
    }
    return undefined;
  }
  // Clocks are changed on this day: each minute that passes is asked what they show.
  const fromMs = Math.floor((Math.max(afterMs, wallMs - dayMs) + minuteMs) / minuteMs) * minuteMs;
  for (let timeMs = fromMs; timeMs < wallMs + 2 * dayMs; timeMs += minuteMs) {
    const shownMs = timeMs + zoneOffsetMs(zone, timeMs);
    if (startOfDay(shownMs) !== wallMs) continue;
    if (isAtMinute(schedule, Math.floor((shownMs - wallMs) / minuteMs))) return timeMs;
  }
  return undefined;
}
