import { type FunctionDeclaration, declare, laborious, member } from '../declarations.ts';
import { durationType, intType, stringType, timestampType } from '../type.ts';
import type { Duration, Timestamp } from '../values/time.ts';
import { intOf } from '../values/integers.ts';
import type { Work } from '../values/work.ts';
import { Failure, type Result } from '../values/value.ts';

/** A part of a date and time of a place; the argument carries it as if it were UTC. */
type Part = (local: Date) => number;

const msOfDay = 86_400_000;

function dayOfYear(local: Date): number {
  const start = new Date(0);
  start.setUTCFullYear(local.getUTCFullYear(), 0, 1);
  return Math.floor((local.getTime() - start.getTime()) / msOfDay);
}

const parts: Readonly<Record<string, Part>> = {
  getFullYear: (local) => local.getUTCFullYear(),
  getMonth: (local) => local.getUTCMonth(),
  getDayOfYear: dayOfYear,
  getDayOfMonth: (local) => local.getUTCDate() - 1,
  getDate: (local) => local.getUTCDate(),
  getDayOfWeek: (local) => local.getUTCDay(),
};

const clockParts: Readonly<Record<string, { readonly of: Part; readonly unitNanos: bigint }>> = {
  getHours: { of: (local) => local.getUTCHours(), unitNanos: 3_600_000_000_000n },
  getMinutes: { of: (local) => local.getUTCMinutes(), unitNanos: 60_000_000_000n },
  getSeconds: { of: (local) => local.getUTCSeconds(), unitNanos: 1_000_000_000n },
  getMilliseconds: { of: (local) => local.getUTCMilliseconds(), unitNanos: 1_000_000n },
};

function partFunction(name: string, of: Part, unitNanos?: bigint): FunctionDeclaration {
  const inUtc = ({ epochMs }: Timestamp): Result => of(new Date(epochMs));
  const inZone = (work: Work, { epochMs }: Timestamp, zone: string): Result => {
    const local = localTime(work, epochMs, zone);
    return local === undefined ? new Failure(`unknown time zone ${zone}`) : of(local);
  };
  const overloads = [
    member(`timestamp_to_${name}`, [timestampType], intType, inUtc),
    member(`timestamp_to_${name}_with_tz`, [timestampType, stringType], intType, laborious(inZone)),
  ];
  if (unitNanos === undefined) return declare(name, ...overloads);
  // The whole duration in this unit, as cel-go has it, not what is left of the next larger one.
  const ofDuration = ({ nanos }: Duration): Result => intOf(nanos / unitNanos);
  return declare(
    name,
    ...overloads,
    member(`duration_to_${name}`, [durationType], intType, ofDuration),
  );
}

const offsetPattern = /^([+-]?)(\d\d):(\d\d)$/;

/** The time at a place, as if it were UTC: `Europe/Berlin`, `+02:00`. Undefined for an unknown one. */
function localTime(work: Work, epochMs: number, zone: string): Date | undefined {
  const offset = offsetPattern.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(epochMs + (offset[1] === '-' ? -minutes : minutes) * 60_000);
  }
  const format = zoneFormat(work, zone);
  if (format === undefined) return undefined;
  work.take(workOfParts);
  const found: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(epochMs)) found[type] = Number(value);
  const local = new Date(epochMs);
  local.setUTCFullYear(found['year'] ?? 0, (found['month'] ?? 1) - 1, found['day']);
  local.setUTCHours(found['hour'] ?? 0, found['minute'], found['second']);
  return local;
}

/** What it takes to look for a zone, and to tell the time in one. */
const workOfZone = 2_000;
const workOfParts = 100;

/** Only of zones that exist, of which there are some 600. */
const formats = new Map<string, Intl.DateTimeFormat>();

function zoneFormat(work: Work, zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  work.take(workOfZone);
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(zone)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}

/** Source: cel-spec, doc/langdef.md, "Dates and Times". */
export const timeFunctions: readonly FunctionDeclaration[] = [
  ...Object.entries(parts).map(([name, of]) => partFunction(name, of)),
  ...Object.entries(clockParts).map(([name, { of, unitNanos }]) =>
    partFunction(name, of, unitNanos),
  ),
];
