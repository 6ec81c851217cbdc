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
import { type NumberStyle, plainNumbers } from './number-styles.ts';

/** How one text is formatted. */
interface Formatting {
  readonly work: Work;
  readonly numbers: NumberStyle;
}

const onlyDoubles = 'clause can only be used on doubles';

/** Digits after the point that are too many to ask for. */
const precisionMax = 1_000;
/** Digits after the point, unless asked otherwise. */
const digitsDefault = 6;

/**
 * `'%s-%d'.format([a, 1])`. Source: cel-spec, doc/extensions/strings.md, "Format"; for lists, maps and
 * doubles cel-go, ext/formatting.go, since Kubernetes has version 2 of the library.
 */
export function formatText(
  { work, numbers }: Formatting,
  format: string,
  list: readonly Value[] | ListValue,
): Result {
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
    const formatted = formatOne(args[used++] as Value, { verb, precision, numbers });
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

interface Clause {
  readonly verb: string;
  readonly precision: string | undefined;
  readonly numbers: NumberStyle;
}

function formatOne(value: Value, { verb, precision, numbers }: Clause): string | Failure {
  const digits = precision === undefined ? undefined : Number(precision);
  if (digits !== undefined && digits > precisionMax) {
    return new Failure(`precision ${digits} exceeds maximum of ${precisionMax}`);
  }
  switch (verb) {
    case 's':
      return asText(value);
    case 'd':
      return decimal(value);
    case 'f': {
      const number = numbers.takesInts ? numericValue(value) : doubleValue(value);
      if (number === undefined) return wrong(`fixed-point ${onlyDoubles}`, value);
      return numbers.fixed(Number(number), digits ?? digitsDefault);
    }
    case 'e': {
      const number = numbers.takesInts ? numericValue(value) : doubleValue(value);
      if (number === undefined) return wrong(`scientific ${onlyDoubles}`, value);
      return numbers.scientific(Number(number), digits ?? digitsDefault);
    }
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
  return Number.isFinite(double) ? plainNumbers.fixed(double, digitsDefault) : JSON.stringify(text);
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

function decimal(value: Value): string | Failure {
  if (isInt(value)) return String(value);
  if (value instanceof Uint) return String(value.value);
  return wrong('decimal clause can only be used on integers', value);
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
