import { Duration, Timestamp } from './time.ts';
import { Failure, type Value, isSameNumber, noSuchOverload, numericValue } from './value.ts';
import type { Work } from './work.ts';

/**
 * Which of two values is less: negative, zero or positive; `NaN` where neither is nor are they equal.
 * Numbers of all types compare by what they say.
 */
export function compare(one: Value, other: Value, work: Work): number | Failure {
  if (typeof one === 'string') {
    return typeof other === 'string' ? compareTexts(one, other, work) : noSuchOverload;
  }
  if (typeof one === 'boolean') {
    return typeof other === 'boolean' ? Number(one) - Number(other) : noSuchOverload;
  }
  const number = numericValue(one);
  if (number !== undefined) {
    const otherNumber = numericValue(other);
    return otherNumber === undefined ? noSuchOverload : compareNumbers(number, otherNumber);
  }
  if (one instanceof Uint8Array) {
    return other instanceof Uint8Array ? compareBytes(one, other) : noSuchOverload;
  }
  if (one instanceof Timestamp && other instanceof Timestamp) {
    return compareNumbers(one.nanos, other.nanos);
  }
  if (one instanceof Duration && other instanceof Duration) {
    return compareNumbers(one.nanos, other.nanos);
  }
  return noSuchOverload;
}

function compareNumbers(one: number | bigint, other: number | bigint): number {
  if (isSameNumber(one, other)) return 0;
  return one < other ? -1 : one > other ? 1 : Number.NaN;
}

/** By code points, which UTF-16 orders alike but for those beyond the first 65,536. */
function compareTexts(one: string, other: string, work: Work): number {
  if (one === other) return 0;
  const length = Math.min(one.length, other.length);
  work.take(length >> 1);
  for (let at = 0; at < length; at++) {
    const unit = one.charCodeAt(at);
    const otherUnit = other.charCodeAt(at);
    if (unit !== otherUnit) return orderOfUnit(unit) - orderOfUnit(otherUnit);
  }
  return one.length - other.length;
}

/** Halves of code points beyond the first 65,536 come after all others. */
function orderOfUnit(unit: number): number {
  return (unit & 0xf800) === 0xd800 ? unit + 0x10000 : unit;
}

function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const difference = (one[at] as number) - (other[at] as number);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}
