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
import { takeWork } from './work.ts';

/** `==`: numbers of all types by what they say, and never a failure: what differs in type is unequal. */
export function equals(one: Value, other: Value): boolean {
  if (one === other) return true;
  if (typeof one === 'string' || typeof one === 'boolean' || one === null) return false;
  if (one instanceof Instance) return one.equals(other);
  const number = numericValue(one);
  if (number !== undefined) {
    const otherNumber = numericValue(other);
    return otherNumber !== undefined && isSameNumber(number, otherNumber);
  }
  if (isList(one)) return isList(other) && equalLists(one, other);
  if (one instanceof Uint8Array) return other instanceof Uint8Array && equalBytes(one, other);
  return isMap(one) && isMap(other) && equalMaps(one, other);
}

/** Element by element. */
export function equalLists(
  one: readonly Value[] | ListValue,
  other: readonly Value[] | ListValue,
): boolean {
  const elements = elementsOf(one);
  const others = elementsOf(other);
  if (elements.length !== others.length) return false;
  takeWork(elements.length);
  for (let index = 0; index < elements.length; index++) {
    if (!equals(elements[index] as Value, others[index] as Value)) return false;
  }
  return true;
}

export function equalMaps(one: PlainMap | MapValue, other: PlainMap | MapValue): boolean {
  const size = sizeOf(one);
  if (size !== sizeOf(other)) return false;
  takeWork(size);
  for (const key of keysOf(one)) {
    const found = valueAt(other, key);
    if (found === undefined || !equals(valueAt(one, key) as Value, found)) return false;
  }
  return true;
}

function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
