import { type FunctionDeclaration, declare, laborious, member, overload } from '../declarations.ts';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
  typeParameter,
  typeType,
  uintType,
} from '../type.ts';
import { intOf, intOfDouble, uintOf, uintOfDouble } from '../values/integers.ts';
import {
  type Duration,
  type Timestamp,
  parseDuration,
  parseTimestamp,
  timestampOf,
} from '../values/time.ts';
import {
  Double,
  Failure,
  type Result,
  TypeValue,
  type Uint,
  type Value,
  doubleOf,
  sizeOf,
  typeNameOf,
} from '../values/value.ts';

const a = typeParameter('A');
const b = typeParameter('B');
const same = (value: Value): Result => value;

const plain = (value: number | Double): number => (value instanceof Double ? value.value : value);

function intOfText(text: string): Result {
  const isNumber = /^[+-]?\d{1,1000}$/.test(text);
  const value = isNumber ? intOf(BigInt(text.replace('+', ''))) : undefined;
  return value === undefined || value instanceof Failure ? malformed(text, 'int') : value;
}

function uintOfText(text: string): Result {
  const value = /^\d{1,1000}$/.test(text) ? uintOf(BigInt(text)) : undefined;
  return value === undefined || value instanceof Failure ? malformed(text, 'uint') : value;
}

const doublePattern = /^[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)$/;
const infinitePattern = /^([+-]?)inf(?:inity)?$/i;

function doubleOfText(text: string): Result {
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = infinitePattern.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  return doublePattern.test(text) ? doubleOf(Number(text)) : malformed(text, 'double');
}

const bools: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

function malformed(text: string, type: string): Failure {
  return new Failure(`type conversion error from 'string' to '${type}': ${JSON.stringify(text)}`);
}

/** Digits before the point from which on Go writes an exponent: `1e+06`. */
const wholeDigitsMax = 6;

/** As Go's `%g` prints the shortest text that reads back as the same double. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < wholeDigitsMax) return String(value);
  const size = String(Math.abs(power)).padStart(2, '0');
  return `${mantissa}e${power < 0 ? '-' : '+'}${size}`;
}

function textOfBytes(bytes: Uint8Array): Result {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new Failure('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const size = laborious((work, value: Value) => sizeOf(value, work));

export const conversionFunctions: readonly FunctionDeclaration[] = [
  declare(
    'bool',
    overload('bool_to_bool', [boolType], boolType, same),
    overload(
      'string_to_bool',
      [stringType],
      boolType,
      (text: string) => bools.get(text) ?? malformed(text, 'bool'),
    ),
  ),
  declare(
    'bytes',
    overload('bytes_to_bytes', [bytesType], bytesType, same),
    overload('string_to_bytes', [stringType], bytesType, (text: string) =>
      new TextEncoder().encode(text),
    ),
  ),
  declare(
    'double',
    overload('double_to_double', [doubleType], doubleType, same),
    overload('int64_to_double', [intType], doubleType, (value: number | bigint) =>
      doubleOf(Number(value)),
    ),
    overload('uint64_to_double', [uintType], doubleType, ({ value }: Uint) =>
      doubleOf(Number(value)),
    ),
    overload('string_to_double', [stringType], doubleType, doubleOfText),
  ),
  declare(
    'int',
    overload('int64_to_int64', [intType], intType, same),
    overload('double_to_int64', [doubleType], intType, (value: number | Double) =>
      intOfDouble(plain(value)),
    ),
    overload('duration_to_int64', [durationType], intType, ({ nanos }: Duration) => intOf(nanos)),
    overload('string_to_int64', [stringType], intType, intOfText),
    overload('timestamp_to_int64', [timestampType], intType, ({ epochSeconds }: Timestamp) =>
      intOf(epochSeconds),
    ),
    overload('uint64_to_int64', [uintType], intType, ({ value }: Uint) => intOf(value)),
  ),
  declare(
    'uint',
    overload('uint64_to_uint64', [uintType], uintType, same),
    overload('double_to_uint64', [doubleType], uintType, (value: number | Double) =>
      uintOfDouble(plain(value)),
    ),
    overload('int64_to_uint64', [intType], uintType, (value: number | bigint) =>
      uintOf(BigInt(value)),
    ),
    overload('string_to_uint64', [stringType], uintType, uintOfText),
  ),
  declare(
    'string',
    overload('string_to_string', [stringType], stringType, same),
    overload('bool_to_string', [boolType], stringType, String),
    overload('bytes_to_string', [bytesType], stringType, textOfBytes),
    overload('double_to_string', [doubleType], stringType, (value: number | Double) =>
      doubleText(plain(value)),
    ),
    overload('duration_to_string', [durationType], stringType, String),
    overload('int64_to_string', [intType], stringType, String),
    overload('timestamp_to_string', [timestampType], stringType, String),
    overload('uint64_to_string', [uintType], stringType, ({ value }: Uint) => String(value)),
  ),
  declare(
    'duration',
    overload('duration_to_duration', [durationType], durationType, same),
    overload(
      'string_to_duration',
      [stringType],
      durationType,
      (text: string) => parseDuration(text) ?? malformed(text, 'google.protobuf.Duration'),
    ),
  ),
  declare(
    'timestamp',
    overload('timestamp_to_timestamp', [timestampType], timestampType, same),
    overload('int64_to_timestamp', [intType], timestampType, (seconds: number | bigint) =>
      timestampOf(BigInt(seconds) * 1_000_000_000n),
    ),
    overload(
      'string_to_timestamp',
      [stringType],
      timestampType,
      (text: string) => parseTimestamp(text) ?? malformed(text, 'google.protobuf.Timestamp'),
    ),
  ),
  declare(
    'type',
    overload('type', [a], typeType(a), (value: Value) => new TypeValue(typeNameOf(value))),
  ),
  declare(
    'size',
    ...[stringType, bytesType, listType(a), mapType(a, b)].flatMap((type) => [
      overload(`size_${type.kind}`, [type], intType, size),
      member(`${type.kind}_size`, [type], intType, size),
    ]),
  ),
];
