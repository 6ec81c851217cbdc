import {
  Instance,
  type ListValue,
  type MapValue,
  type PlainMap,
  type Value,
  elementsOf,
  isList,
  isMap,
  isSameNumber,
  keysOf,
  numericValue,
  sizeOf,
  valueAt,
} from './value.ts';
import type { Work } from './work.ts';

/** `==`: numbers of all types by what they say, and never a failure: what differs in type is unequal. */
export function equals(one: Value, other: Value, work: Work): boolean {
  if (one === other) return true;
  if (typeof one === 'string' || typeof one === 'boolean' || one === null) return false;
  if (one instanceof Instance) return one.equals(other, work);
  const number = numericValue(one);
  if (number !== undefined) {
    const otherNumber = numericValue(other);
    return otherNumber !== undefined && isSameNumber(number, otherNumber);
  }
  if (isList(one)) return isList(other) && equalLists(one, other, work);
  if (one instanceof Uint8Array) return other instanceof Uint8Array && equalBytes(one, other);
  return isMap(one) && isMap(other) && equalMaps(one, other, work);
}

/** Element by element. */
export function equalLists(
  one: readonly Value[] | ListValue,
  other: readonly Value[] | ListValue,
  work: Work,
): boolean {
  const elements = elementsOf(one);
  const others = elementsOf(other);
  if (elements.length !== others.length) return false;
  work.take(elements.length);
  for (let index = 0; index < elements.length; index++) {
    if (!equals(elements[index] as Value, others[index] as Value, work)) return false;
  }
  return true;
}

export function equalMaps(
  one: PlainMap | MapValue,
  other: PlainMap | MapValue,
  work: Work,
): boolean {
  const size = sizeOf(one, work);
  if (size !== sizeOf(other, work)) return false;
  work.take(size);
  for (const key of keysOf(one)) {
    const found = valueAt(other, key);
    if (found === undefined || !equals(valueAt(one, key) as Value, found, work)) return false;
  }
  return true;
}

function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
