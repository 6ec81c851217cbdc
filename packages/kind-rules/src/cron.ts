/** When schedules of cron jobs come. Loads nothing else of this package. */
export { type CronSchedule, isTimeZone, parseCronSchedule } from './cron/cron-schedule.ts';
export { lastTimeUpTo, nextTimeAfter } from './cron/cron-times.ts';
export { formatZonedTime } from './cron/zone-offset.ts';
