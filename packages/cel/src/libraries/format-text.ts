import { doubleValue } from '../values/arithmetic.ts';
import { Duration, Timestamp } from '../values/time.ts';
import {
  Failure,
  type ListValue,
  type MapValue,
  type PlainMap,
  type Result,
  TypeValue,
  Uint,
  type Value,
  elementsOf,
  isInt,
  isList,
  isMap,
  keysOf,
  numericValue,
  typeNameOf,
  valueAt,
} from '../values/value.ts';
import type { Work } from '../values/work.ts';
import { doubleText } from './conversions.ts';

/** Digits after the point that are too many to ask for. */
const precisionMax = 1_000;
/** Digits after the point, unless asked otherwise. */
const digitsDefault = 6;

/**
 * `'%s-%d'.format([a, 1])`. Source: cel-spec, doc/extensions/strings.md, "Format"; for lists, maps and
 * doubles cel-go, ext/formatting.go, since Kubernetes has version 2 of the library.
 */
export function formatText(work: Work, format: string, list: readonly Value[] | ListValue): Result {
  const args = elementsOf(list);
  let used = 0;
  let text = '';
  let at = 0;
  while (at < format.length) {
    const start = format.indexOf('%', at);
    if (start < 0) break;
    text += format.slice(at, start);
    const clause = /^%(?:(%)|(?:\.(\d*))?(.?))/su.exec(format.slice(start, start + 16));
    const [whole = '', percent, precision, verb = ''] = clause ?? [];
    at = start + whole.length;
    if (percent !== undefined) {
      text += '%';
      continue;
    }
    if (used >= args.length) return new Failure(`index ${used} out of range`);
    const formatted = formatOne(args[used++] as Value, verb, precision);
    if (formatted instanceof Failure) return formatted;
    work.take(formatted.length);
    text += formatted;
  }
  if (used < args.length) {
    return new Failure(
      `too many arguments supplied to string.format (expected ${used}, got ${args.length})`,
    );
  }
  return text + format.slice(at);
}

function formatOne(value: Value, verb: string, precision: string | undefined): string | Failure {
  const digits = precision === undefined ? undefined : Number(precision);
  if (digits !== undefined && digits > precisionMax) {
    return new Failure(`precision ${digits} exceeds maximum of ${precisionMax}`);
  }
  switch (verb) {
    case 's':
      return asText(value);
    case 'd':
      return decimal(value);
    case 'f':
      return floating(value, 'fixed-point', (number) => fixed(number, digits ?? digitsDefault));
    case 'e':
      return floating(value, 'scientific', (number) => scientific(number, digits ?? digitsDefault));
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return inBase(value, 2) ?? wrong('only integers and bools can be formatted as binary', value);
    case 'o':
      return inBase(value, 8) ?? wrong('octal clause can only be used on integers', value);
    case 'x':
    case 'X': {
      const text = hexadecimal(value);
      if (text === undefined) {
        return wrong('only integers, byte buffers, and strings can be formatted as hex', value);
      }
      return verb === 'x' ? text : text.toUpperCase();
    }
    default:
      return new Failure(
        `could not parse formatting clause: unrecognized formatting clause "${verb}"`,
      );
  }
}

function wrong(problem: string, value: Value): Failure {
  return new Failure(`error during formatting: ${problem}, was given ${typeNameOf(value)}`);
}

/** As `%s` writes a value. */
function asText(value: Value): string | Failure {
  if (typeof value === 'string') return value;
  if (value === null || typeof value === 'boolean') return String(value);
  if (isInt(value)) return String(value);
  if (value instanceof Uint) return String(value.value);
  const double = doubleValue(value);
  if (double !== undefined) return doubleText(double);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Timestamp || value instanceof Duration) return String(value);
  if (isList(value)) return joined(elementsOf(value).map(asLiteral), '[', ']');
  if (isMap(value)) return mapText(value);
  return wrong(
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    value,
  );
}

/** As `%s` writes what is in a list or a map. */
function asLiteral(value: Value): string | Failure {
  const text = asText(value);
  if (text instanceof Failure) return text;
  if (typeof value === 'string') return JSON.stringify(text);
  if (value instanceof Uint8Array) return `b${JSON.stringify(text)}`;
  if (value instanceof Timestamp) return `timestamp("${text}")`;
  if (value instanceof Duration) return `duration("${text}")`;
  const double = doubleValue(value);
  if (double === undefined) return text;
  return Number.isFinite(double) ? fixed(double, digitsDefault) : JSON.stringify(text);
}

function mapText(map: PlainMap | MapValue): string | Failure {
  const entries: (readonly [string, string])[] = [];
  for (const key of keysOf(map)) {
    const name = asLiteral(key);
    if (name instanceof Failure) return name;
    const value = asLiteral(valueAt(map, key) as Value);
    if (value instanceof Failure) return value;
    entries.push([name, value]);
  }
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return joined(
    entries.map(([name, value]) => `${name}:${value}`),
    '{',
    '}',
  );
}

function joined(
  texts: readonly (string | Failure)[],
  open: string,
  close: string,
): string | Failure {
  const failure = texts.find((each) => each instanceof Failure);
  return failure ?? `${open}${texts.join(', ')}${close}`;
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return undefined;
  return value > 0 ? 'Infinity' : '-Infinity';
}

function decimal(value: Value): string | Failure {
  if (isInt(value)) return String(value);
  if (value instanceof Uint) return String(value.value);
  return wrong('decimal clause can only be used on integers', value);
}

function floating(value: Value, name: string, write: (value: number) => string): string | Failure {
  const number = numericValue(value);
  if (number === undefined) return wrong(`${name} clause can only be used on doubles`, value);
  return special(Number(number)) ?? write(Number(number));
}

/** As Go rounds: to the nearest, and what lies in the middle to the even digit. */
function fixed(value: number, digits: number): string {
  if (Math.abs(value) >= 1e21)
    return `${BigInt(value)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`;
  if (digits > 100) return value.toFixed(100) + '0'.repeat(digits - 100);
  const rounded = value.toFixed(digits);
  const exact = value.toFixed(100);
  const kept = exact.slice(0, exact.indexOf('.') + 1 + digits);
  const isMiddle = /^50*$/.test(exact.slice(kept.length));
  const isEven = /[02468]\.?$/.test(kept);
  return isMiddle && isEven ? kept.replace(/\.$/, '') : rounded;
}

function scientific(value: number, digits: number): string {
  const [mantissa, exponent = ''] = value.toExponential(Math.min(digits, 100)).split('e');
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

function inBase(value: Value, base: number): string | undefined {
  if (isInt(value)) return value.toString(base);
  return value instanceof Uint ? value.value.toString(base) : undefined;
}

function hexadecimal(value: Value): string | undefined {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  if (!(bytes instanceof Uint8Array)) return inBase(value, 16);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
