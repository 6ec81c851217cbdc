import { LazyMap } from '../values/lazy-map.ts';
import { Optional, none } from '../values/optional.ts';
import {
  Failure,
  Instance,
  ListValue,
  MapValue,
  type Result,
  type Value,
  elementsOf,
  isList,
  isMap,
  isPlainMap,
  numericValue,
  typeNameOf,
  valueAt,
} from '../values/value.ts';

/** Under which names a field is found: in an expression, and in an object of the wire. */
export interface FieldName {
  readonly field: string;
  readonly key: string;
}

/** `operand.field` */
export function selectField(operand: Value, { field, key }: FieldName): Result {
  if (isPlainMap(operand)) {
    return Object.hasOwn(operand, key) ? (operand[key] as Value) : noSuchKey(field);
  }
  if (operand instanceof Optional) return selectOptionally(operand, { field, key });
  // What has no fields at all is told of as cel-go tells of it.
  if (!(operand instanceof MapValue)) return noSuchKey(field);
  const found = operand instanceof LazyMap ? operand.resultOf(field) : operand.get(field);
  return found === undefined ? noSuchKey(field) : found;
}

/** `has(operand.field)` */
export function hasField(operand: Value, { field, key }: FieldName): Result {
  if (isPlainMap(operand)) return Object.hasOwn(operand, key);
  if (operand instanceof Optional) {
    return operand.value !== undefined && hasField(operand.value, { field, key });
  }
  return operand instanceof MapValue ? operand.get(field) !== undefined : noSuchKey(field);
}

/** `operand.?field` */
export function selectOptionally(operand: Value, name: FieldName): Result {
  if (operand instanceof Optional) {
    return operand.value === undefined ? none : selectOptionally(operand.value, name);
  }
  const has = hasField(operand, name);
  if (has !== true) return has instanceof Failure ? has : none;
  return optionalOf(selectField(operand, name));
}

/** `operand[index]` */
export function valueAtIndex(operand: Value, index: Value): Result {
  if (isList(operand)) return elementAt(operand, index);
  if (isMap(operand)) {
    const found = valueAt(operand, index);
    return found === undefined ? noSuchKey(index) : found;
  }
  if (operand instanceof Optional) return valueAtOptionalIndex(operand, index);
  return new Failure('no such overload');
}

/** `operand[?index]` */
export function valueAtOptionalIndex(operand: Value, index: Value): Result {
  if (operand instanceof Optional) {
    return operand.value === undefined ? none : valueAtOptionalIndex(operand.value, index);
  }
  if (isMap(operand)) return optionalOf(valueAt(operand, index));
  if (!isList(operand)) return new Failure('no such overload');
  const found = elementAt(operand, index);
  return found instanceof Failure ? none : optionalOf(found);
}

function elementAt(list: readonly Value[] | ListValue, index: Value): Result {
  const at = Number(numericValue(index) ?? Number.NaN);
  if (!Number.isInteger(at)) {
    return new Failure(`unsupported index type '${typeNameOf(index)}' in list`);
  }
  const length = list instanceof ListValue ? list.size : list.length;
  if (at < 0 || at >= length) return new Failure(`index out of bounds: ${at}`);
  return list instanceof ListValue ? list.get(at) : (elementsOf(list)[at] as Value);
}

function optionalOf(value: Result | undefined): Result {
  if (value instanceof Failure) return value;
  return value === undefined ? none : new Optional(value);
}

export function noSuchKey(key: Value): Failure {
  return new Failure(`no such key: ${describeKey(key)}`);
}

function describeKey(key: Value): string {
  const number = numericValue(key);
  if (number !== undefined) return String(number);
  return key instanceof Instance || typeof key === 'object' ? typeNameOf(key) : String(key);
}
