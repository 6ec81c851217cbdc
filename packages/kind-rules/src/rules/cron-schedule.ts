/**
 * Says what is wrong with the schedule of a cron job, in the API's words; undefined when fine. Five
 * fields without seconds, `@daily` and the like, or `@every 1h`.
 * Source: robfig/cron v3, ParseStandard.
 */
export function checkCronSchedule(schedule: string): string | undefined {
  const { zone, rest } = splitZone(schedule);
  if (zone !== undefined && !isTimeZone(zone)) {
    return `provided bad location ${zone}: unknown time zone ${zone}`;
  }
  if (rest.startsWith('@')) return checkDescriptor(rest);
  const fields = rest.trim().split(/\s+/);
  if (fields.length !== bounds.length) {
    return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  for (const [index, field] of fields.entries()) {
    const bound = bounds[index];
    const wrong = bound === undefined ? undefined : checkField(field, bound);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

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

const descriptors = [
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
];

function checkDescriptor(schedule: string): string | undefined {
  if (descriptors.includes(schedule)) return undefined;
  if (!schedule.startsWith('@every ')) return `unrecognized descriptor: ${schedule}`;
  const duration = schedule.slice('@every '.length);
  return /^[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(duration)
    ? undefined
    : `failed to parse duration ${schedule}: time: invalid duration ${JSON.stringify(duration)}`;
}

function checkField(field: string, bound: Bound): string | undefined {
  for (const part of field.split(',')) {
    const wrong = checkRange(part, bound);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function checkRange(part: string, bound: Bound): string | undefined {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0) return `too many slashes: ${part}`;
  const ends = range.split('-');
  if (ends.length > 2) return `too many hyphens: ${part}`;
  const isAny = range === '*' || range === '?';
  const low = isAny ? bound.min : numberOf(ends[0] ?? '', bound);
  if (typeof low === 'string') return low;
  const hasStep = step !== undefined;
  const high =
    isAny || (ends.length === 1 && hasStep) ? bound.max : numberOf(ends[1] ?? ends[0] ?? '', bound);
  if (typeof high === 'string') return high;
  if (hasStep) {
    const size = numberOf(step, { min: 0, max: 0, names: [] });
    if (typeof size === 'string') return size;
    if (size === 0) return `step of range should be a positive number: ${part}`;
  }
  if (low < bound.min) return `beginning of range (${low}) below minimum (${bound.min}): ${part}`;
  if (high > bound.max) return `end of range (${high}) above maximum (${bound.max}): ${part}`;
  return low > high
    ? `beginning of range (${low}) beyond end of range (${high}): ${part}`
    : undefined;
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
