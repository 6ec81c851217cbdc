import { type TypeKind, type Type, runtimeName } from '../type.ts';
import type { Work } from './work.ts';

/**
 * What an expression is made of while it runs. Values of the wire are values as they are: nothing is
 * converted before a rule looks at it.
 *
 * An `int` is a number without a fraction, or a bigint where a number would lose digits. A `double` is a
 * number with one; a double without a fraction is told apart from an int by being a `Double`.
 */
export type Value =
  | null
  | boolean
  | string
  | number
  | bigint
  | Uint8Array
  | Instance
  | readonly Value[]
  | PlainMap;

/** An object of the wire: a map from strings. */
export interface PlainMap {
  readonly [key: string]: Value;
}

/** What evaluating came to: a value, or why there is none. */
export type Result = Value | Failure;

/**
 * Why an expression has no value. `&&`, `||` and comprehensions take it for unknown and may do without
 * it; everything else answers it in turn.
 */
export class Failure {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export const noSuchOverload: Failure = new Failure('no such overload');

/** Values that JSON has not. */
export abstract class Instance {
  abstract readonly kind: TypeKind;
  /** What `type(x)` is called. */
  abstract get typeName(): string;
  abstract equals(other: Value, work: Work): boolean;
  /** What counts for the cost of looking at all of it; one for what has no parts. */
  get size(): number {
    return 1;
  }
}

/** A double without a fraction. */
export class Double extends Instance {
  readonly kind = 'double';
  readonly value: number;

  constructor(value: number) {
    super();
    this.value = value;
  }

  get typeName(): string {
    return 'double';
  }

  equals(other: Value): boolean {
    const number = numericValue(other);
    return number !== undefined && isSameNumber(number, this.value);
  }
}

/** The largest number that is an int is one less; numbers from there on are doubles. */
const intNumbersEnd = 2 ** 63;

export function doubleOf(value: number): number | Double {
  return Number.isInteger(value) ? new Double(value) : value;
}

export class Uint extends Instance {
  readonly kind = 'uint';
  readonly value: bigint;

  constructor(value: bigint) {
    super();
    this.value = value;
  }

  get typeName(): string {
    return 'uint';
  }

  equals(other: Value): boolean {
    const number = numericValue(other);
    return number !== undefined && isSameNumber(number, this.value);
  }
}

/** A type as a value: `int`, `type(self.x)`. */
export class TypeValue extends Instance {
  readonly kind = 'type';
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }

  static of(type: Type): TypeValue {
    return new TypeValue(runtimeName(type));
  }

  get typeName(): string {
    return 'type';
  }

  equals(other: Value): boolean {
    return other instanceof TypeValue && other.name === this.name;
  }
}

/** A value of a type that only its library looks into. */
export abstract class OpaqueValue extends Instance {
  readonly kind = 'opaque';
}

/** A list that is not simply an array. */
export abstract class ListValue extends Instance {
  readonly kind = 'list';
  abstract readonly elements: readonly Value[];
  abstract get(index: number): Value;

  get typeName(): string {
    return 'list';
  }
}

/** A map that is not simply an object of the wire. */
export abstract class MapValue extends Instance {
  readonly kind = 'map';
  abstract get(key: Value): Value | undefined;
  abstract keys(): readonly Value[];

  get typeName(): string {
    return 'map';
  }
}

export function isInt(value: Value): value is number | bigint {
  if (typeof value === 'number') {
    return Number.isInteger(value) && value < intNumbersEnd && value >= -intNumbersEnd;
  }
  return typeof value === 'bigint';
}

/** What a number says, of whichever type; undefined for what is no number. */
export function numericValue(value: Value): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof Double || value instanceof Uint ? value.value : undefined;
}

/** A number and a bigint as the doubles they are nearest to, which is what cel-go compares. */
export function isSameNumber(one: number | bigint, other: number | bigint): boolean {
  return typeof one === typeof other ? one === other : Number(one) === Number(other);
}

export function isPlainMap(value: Value): value is PlainMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Instance) &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}

export function kindOf(value: Value): TypeKind {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return isInt(value) ? 'int' : 'double';
    default:
      if (value === null) return 'null';
      if (value instanceof Instance) return value.kind;
      if (value instanceof Uint8Array) return 'bytes';
      return Array.isArray(value) ? 'list' : 'map';
  }
}

export function typeNameOf(value: Value): string {
  if (value instanceof Instance) return value.typeName;
  const kind = kindOf(value);
  return kind === 'null' ? 'null_type' : kind;
}

export function isList(value: Value): value is readonly Value[] | ListValue {
  return Array.isArray(value) || value instanceof ListValue;
}

export function elementsOf(list: readonly Value[] | ListValue): readonly Value[] {
  return list instanceof ListValue ? list.elements : list;
}

export function isMap(value: Value): value is PlainMap | MapValue {
  return value instanceof MapValue || isPlainMap(value);
}

export function keysOf(map: PlainMap | MapValue): readonly Value[] {
  return map instanceof MapValue ? map.keys() : Object.keys(map);
}

/** What a map has at a key; undefined when it has nothing there. */
export function valueAt(map: PlainMap | MapValue, key: Value): Value | undefined {
  if (map instanceof MapValue) return map.get(key);
  return typeof key === 'string' && Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The size as `size()` tells it; one for what has none. */
export function sizeOf(value: Value, work: Work): number {
  if (typeof value === 'string') return runeCount(value, work);
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  const size = value instanceof Instance ? value.size : Object.keys(value).length;
  work.take(size >> 2);
  return size;
}

/** How many code points a text has, which is how CEL counts. */
export function runeCount(text: string, work: Work): number {
  let count = text.length;
  work.take(count >> 4);
  for (let at = 0; at < text.length - 1; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00)
      count--;
  }
  return count;
}
