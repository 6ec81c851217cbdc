import { parseDurationNanos } from '@fairway/protocol';
import { Failure, Instance, type Value } from './value.ts';

const second = 1_000_000_000n;
const timestampMin = -62_135_596_800n * second;
const timestampMax = 253_402_300_800n * second - 1n;
const durationMax = 2n ** 63n - 1n;

/** A point in time, to the nanosecond. */
export class Timestamp extends Instance {
  readonly kind = 'timestamp';
  /** Since 1970. */
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  get typeName(): string {
    return 'google.protobuf.Timestamp';
  }

  equals(other: Value): boolean {
    return other instanceof Timestamp && other.nanos === this.nanos;
  }

  get epochSeconds(): bigint {
    return floorDivide(this.nanos, second);
  }

  get epochMs(): number {
    return Number(floorDivide(this.nanos, 1_000_000n));
  }

  /** RFC 3339 in UTC, with as many digits as there are. */
  toString(): string {
    const fraction = this.nanos - this.epochSeconds * second;
    const whole = new Date(Number(this.epochSeconds) * 1000).toISOString().slice(0, 19);
    return `${whole}${fractionText(fraction)}Z`;
  }
}

/** A length of time, to the nanosecond. */
export class Duration extends Instance {
  readonly kind = 'duration';
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  get typeName(): string {
    return 'google.protobuf.Duration';
  }

  equals(other: Value): boolean {
    return other instanceof Duration && other.nanos === this.nanos;
  }

  /** In seconds: `1.5s`. */
  toString(): string {
    const size = this.nanos < 0n ? -this.nanos : this.nanos;
    return `${this.nanos < 0n ? '-' : ''}${size / second}${fractionText(size % second)}s`;
  }
}

export function timestampOf(nanos: bigint): Timestamp | Failure {
  if (nanos < timestampMin || nanos > timestampMax) return new Failure('timestamp overflow');
  return new Timestamp(nanos);
}

export function durationOf(nanos: bigint): Duration | Failure {
  if (nanos > durationMax || nanos < -durationMax - 1n) return new Failure('duration overflow');
  return new Duration(nanos);
}

const timestampPattern =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339; undefined when the text is not. */
export function parseTimestamp(text: string): Timestamp | Failure | undefined {
  const match = timestampPattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, secondText, fraction = '', sign, zoneHour, zoneMinute] =
    match;
  const at = new Date(0);
  at.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDate = at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(day);
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(secondText) < 60;
  const zoneMinutes = Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0);
  if (!isDate || !isTime || Number(zoneHour ?? 0) > 23 || Number(zoneMinute ?? 0) > 59) {
    return undefined;
  }
  at.setUTCHours(Number(hour), Number(minute), Number(secondText));
  const offset = BigInt(zoneMinutes * 60) * (sign === '-' ? -second : second);
  const nanos = BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return timestampOf(BigInt(at.getTime() / 1000) * second - offset + nanos);
}

/** Reads `1h30m`, `-1.5s`; undefined when the text is not one, or beyond 292 years. */
export function parseDuration(text: string): Duration | undefined {
  const nanos = parseDurationNanos(text);
  return nanos === undefined ? undefined : new Duration(nanos);
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
