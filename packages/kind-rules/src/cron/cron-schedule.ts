import { parseDurationNanos } from '@fairway/protocol';

/** When cron starts something. */
export type CronSchedule =
  /** At minutes whose fields in the zone are among these. */
  | {
      readonly kind: 'fields';
      readonly minutes: CronField;
      readonly hours: CronField;
      readonly daysOfMonth: CronField;
      readonly months: CronField;
      readonly daysOfWeek: CronField;
      /** Written in front of the schedule, as those of old have it. */
      readonly zone?: string;
    }
  /** So long after the last time. */
  | { readonly kind: 'every'; readonly everyMs: number };

/** The values that a field allows. */
export interface CronField {
  readonly values: ReadonlySet<number>;
  /** It was left open, `*`: of two fields for days, the other one counts then. */
  readonly isOpen: boolean;
}

/**
 * Reads the schedule of a cron job; text is what is wrong with it, in the API's words. Five fields without
 * seconds, `@daily` and the like, or `@every 1h`.
 * Source: robfig/cron v3, ParseStandard.
 */
export function parseCronSchedule(schedule: string): CronSchedule | string {
  const { zone, rest } = splitZone(schedule);
  if (zone !== undefined && !isTimeZone(zone)) {
    return `provided bad location ${zone}: unknown time zone ${zone}`;
  }
  if (rest.startsWith('@')) return parseDescriptor(rest, zone);
  return parseFields(rest, zone);
}

function parseFields(text: string, zone: string | undefined): CronSchedule | string {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== bounds.length) {
    return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
  }
  const fields: CronField[] = [];
  for (const [index, part] of parts.entries()) {
    const bound = bounds[index];
    const field = bound === undefined ? undefined : parseField(part, bound);
    if (typeof field === 'string') return field;
    if (field !== undefined) fields.push(field);
  }
  const [minutes = none, hours = none, daysOfMonth = none, months = none, daysOfWeek = none] =
    fields;
  const values = { minutes, hours, daysOfMonth, months, daysOfWeek };
  return { kind: 'fields', ...values, ...(zone === undefined ? {} : { zone }) };
}

const none: CronField = { values: new Set(), isOpen: false };

/** A zone may stand in front, as schedules of old have it. */
function splitZone(schedule: string): { readonly zone: string | undefined; readonly rest: string } {
  const [, zone, rest = ''] = /^(?:CRON_)?TZ=(\S*)(.*)$/s.exec(schedule) ?? [];
  return zone === undefined ? { zone, rest: schedule } : { zone, rest: rest.trim() };
}

/** Whether the zone is one of the IANA database. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

interface Bound {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const days = 'sun mon tue wed thu fri sat'.split(' ');
const bounds: readonly Bound[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: ['', ...months] },
  { min: 0, max: 6, names: days },
];

const descriptors: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

function parseDescriptor(schedule: string, zone: string | undefined): CronSchedule | string {
  const fields = descriptors.get(schedule);
  if (fields !== undefined) return parseFields(fields, zone);
  if (!schedule.startsWith('@every ')) return `unrecognized descriptor: ${schedule}`;
  const duration = schedule.slice('@every '.length);
  if (!/^[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(duration)) {
    return `failed to parse duration ${schedule}: time: invalid duration ${JSON.stringify(duration)}`;
  }
  // Whole seconds, and one at least.
  const seconds = Math.floor(Number(parseDurationNanos(duration) ?? 0) / 1e9);
  return { kind: 'every', everyMs: Math.max(1, seconds) * 1_000 };
}

function parseField(field: string, bound: Bound): CronField | string {
  const values = new Set<number>();
  let isOpen = false;
  for (const part of field.split(',')) {
    const range = parseRange(part, bound);
    if (typeof range === 'string') return range;
    for (let value = range.low; value <= range.high; value += range.step) values.add(value);
    isOpen ||= range.isOpen;
  }
  return { values, isOpen };
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly isOpen: boolean;
}

function parseRange(part: string, bound: Bound): Range | string {
  const [range = '', stepText, ...more] = part.split('/');
  if (more.length > 0) return `too many slashes: ${part}`;
  const ends = range.split('-');
  if (ends.length > 2) return `too many hyphens: ${part}`;
  const isAny = range === '*' || range === '?';
  const low = isAny ? bound.min : numberOf(ends[0] ?? '', bound);
  if (typeof low === 'string') return low;
  const hasStep = stepText !== undefined;
  const high =
    isAny || (ends.length === 1 && hasStep) ? bound.max : numberOf(ends[1] ?? ends[0] ?? '', bound);
  if (typeof high === 'string') return high;
  const step = hasStep ? numberOf(stepText, { min: 0, max: 0, names: [] }) : 1;
  if (typeof step === 'string') return step;
  if (step === 0) return `step of range should be a positive number: ${part}`;
  if (low < bound.min) return `beginning of range (${low}) below minimum (${bound.min}): ${part}`;
  if (high > bound.max) return `end of range (${high}) above maximum (${bound.max}): ${part}`;
  if (low > high) return `beginning of range (${low}) beyond end of range (${high}): ${part}`;
  return { low, high, step, isOpen: isAny && step === 1 };
}

/** A number, or what is wrong with it. */
function numberOf(text: string, bound: Bound): number | string {
  const named = bound.names.indexOf(text.toLowerCase());
  if (named >= 0 && text !== '') return named;
  if (/^\d+$/.test(text)) return Number(text);
  if (/^-\d+$/.test(text)) return `negative number (${text}) not allowed: ${text}`;
  const quoted = JSON.stringify(text);
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${quoted}: invalid syntax`;
}
