import {
  type Schema,
  canonicalQuantity,
  checkQuantity,
  formatQuantity,
  parseQuantity,
  readGoTime,
} from '@fairway/protocol';
import { type Walk, writtenAs } from './conform-walk.ts';
import { isNumber } from '../json-value.ts';
import { reportMismatch } from './type-problem.ts';

/** `5.0` is none, and neither is `1e1`. */
export function isInteger(value: unknown, format: string | undefined, walk: Walk): boolean {
  return fitsInteger(value, format) && writtenAs(walk) === undefined;
}

/** Of a number in memory that has no fraction Go keeps the lower 32 bits, without a word. */
export function cutOff(value: unknown, { format }: Schema, walk: Walk): number | undefined {
  if (!walk.isUnstructured || format !== 'int32' || !isNumber(value)) return undefined;
  const isWhole = typeof value === 'bigint' || Number.isInteger(value);
  return isWhole ? Number(BigInt.asIntN(32, BigInt(value))) : undefined;
}

function fitsInteger(value: unknown, format: string | undefined): boolean {
  // What no number holds has more than 32 bits, and was read only if it has no more than 64.
  if (typeof value === 'bigint') return format !== 'int32';
  if (!Number.isInteger(value)) return false;
  const max = format === 'int32' ? 2 ** 31 : 2 ** 63;
  return (value as number) < max && (value as number) >= -max;
}

/** Undefined when there is nothing to keep: the zero time. */
export function conformText(value: string, format: string, walk: Walk): string | undefined {
  switch (format) {
    case 'byte':
      return conformBase64(value, walk);
    case 'date-time':
    case 'micro-time': {
      const time = readGoTime(value, format === 'date-time' ? 'seconds' : 'micros');
      if (time.kind === 'time') return time.text;
      walk.typeError ??= time.problem;
      return value;
    }
    default:
      return value;
  }
}

/** Bytes may come as a list of numbers, too. */
export function conformBytes(bytes: readonly unknown[], walk: Walk): unknown {
  for (const byte of bytes) {
    if (!Number.isInteger(byte) || (byte as number) < 0 || (byte as number) > 255) {
      return reportMismatch(byte, 'uint8', walk);
    }
  }
  return Buffer.from(bytes as readonly number[]).toString('base64');
}

/** Line breaks are allowed, and not kept. */
function conformBase64(value: string, walk: Walk): string {
  const text = value.replaceAll(/[\r\n]/g, '');
  const isWhole = text.length % 4 === 0;
  const end = /[^A-Za-z0-9+/]/.exec(text)?.index ?? (isWhole ? undefined : quantumOf(text));
  const isPadding = end !== undefined && /^={1,2}$/.test(text.slice(end)) && isWhole;
  if (end !== undefined && !isPadding) {
    const where = walk.isUnstructured ? 'error decoding from json: ' : '';
    walk.typeError ??= `${where}illegal base64 data at input byte ${end}`;
  }
  return text;
}

/** Where the last four letters begin, which are fewer. */
function quantumOf(text: string): number {
  return text.length - (text.length % 4);
}

export function conformIntOrString(value: unknown, walk: Walk): unknown {
  if (typeof value === 'string' || isInteger(value, 'int32', walk)) return value;
  return reportMismatch(value, 'int32', walk);
}

export function conformQuantity(value: unknown, walk: Walk): unknown {
  if (typeof value !== 'string' && !isNumber(value)) {
    return reportMismatch(value, 'resource.Quantity', walk);
  }
  const text = (typeof value === 'string' ? value : (writtenAs(walk) ?? String(value))).trim();
  const kept = canonicalQuantity(text);
  if (kept === undefined) walk.typeError ??= checkQuantity(text);
  return kept ?? text;
}

/**
 * Amounts of resources say thousandths at the finest; what is less counts as one.
 * Source: core/v1, SetDefaults_ResourceList.
 */
export function wholeMillis(text: string): string {
  if (!/[nu]$|\d{4}m$|[eE]-|\.\d{4}/.test(text)) return text;
  const quantity = parseQuantity(text);
  if (quantity === undefined || quantity.nanos % 1_000_000n === 0n) return text;
  const isAbove = quantity.nanos > 0n ? 1n : 0n;
  const nanos = (quantity.nanos / 1_000_000n + isAbove) * 1_000_000n;
  return formatQuantity({ ...quantity, nanos });
}
