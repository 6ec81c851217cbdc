import { equals } from './equality.ts';
import { Instance, type Value, isList, isMap, numericValue, sizeOf } from './value.ts';
import { Duration, Timestamp } from './time.ts';
import type { Work } from './work.ts';

/** A value that may be missing: `self.?field`. */
export class Optional extends Instance {
  readonly kind = 'opaque';
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    super();
    this.value = value;
  }

  get typeName(): string {
    return 'optional_type';
  }

  equals(other: Value, work: Work): boolean {
    if (!(other instanceof Optional)) return false;
    if (this.value === undefined || other.value === undefined) return this.value === other.value;
    return equals(this.value, other.value, work);
  }
}

export const none: Optional = new Optional(undefined);

/** True of `0`, `""`, `[]`, and the like: what a message leaves out. */
export function isZero(value: Value, work: Work): boolean {
  if (value === null || value === false || value === '') return true;
  const number = numericValue(value);
  if (number !== undefined) return Number(number) === 0;
  if (value instanceof Duration || value instanceof Timestamp) return value.nanos === 0n;
  if (isList(value) || isMap(value) || value instanceof Uint8Array)
    return sizeOf(value, work) === 0;
  return value instanceof Optional && value.value === undefined;
}
