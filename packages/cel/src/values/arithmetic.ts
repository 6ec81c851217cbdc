import { Duration, Timestamp, durationOf, timestampOf } from './time.ts';
import { intOf, intOverflow, uintOf } from './integers.ts';
import {
  Double,
  Failure,
  ListValue,
  type Result,
  Uint,
  type Value,
  doubleOf,
  elementsOf,
  isInt,
  isList,
  noSuchOverload,
} from './value.ts';
import { SchemaList } from './schema-list.ts';
import type { Work } from './work.ts';

const divisionByZero = new Failure('division by zero');
const modulusByZero = new Failure('modulus by zero');

/** What an operator does to two numbers of one type. */
interface NumericOperator {
  readonly ints: (one: bigint, other: bigint) => Result;
  readonly uints: (one: bigint, other: bigint) => Result;
  readonly doubles?: (one: number, other: number) => number;
}

function calculate(one: Value, other: Value, operator: NumericOperator): Result {
  if (isInt(one) && isInt(other)) return operator.ints(BigInt(one), BigInt(other));
  if (one instanceof Uint && other instanceof Uint) return operator.uints(one.value, other.value);
  const double = doubleValue(one);
  const otherDouble = doubleValue(other);
  if (double === undefined || otherDouble === undefined || operator.doubles === undefined) {
    return noSuchOverload;
  }
  return doubleOf(operator.doubles(double, otherDouble));
}

/** Undefined for what is no double. */
export function doubleValue(value: Value): number | undefined {
  if (value instanceof Double) return value.value;
  return typeof value === 'number' && !isInt(value) ? value : undefined;
}

const plus: NumericOperator = {
  ints: (one, other) => intOf(one + other),
  uints: (one, other) => uintOf(one + other),
  doubles: (one, other) => one + other,
};

/** `+` of all types that have it. */
export function add(one: Value, other: Value, work: Work): Result {
  if (typeof one === 'number' && typeof other === 'number') {
    const sum = one + other;
    if (Number.isSafeInteger(sum) && Number.isSafeInteger(one) && Number.isSafeInteger(other)) {
      return sum;
    }
  }
  if (typeof one === 'string') return typeof other === 'string' ? one + other : noSuchOverload;
  if (isList(one)) return isList(other) ? concatenate(one, other, work) : noSuchOverload;
  if (one instanceof Uint8Array) {
    return other instanceof Uint8Array ? joinBytes(one, other) : noSuchOverload;
  }
  if (one instanceof Timestamp) {
    return other instanceof Duration ? timestampOf(one.nanos + other.nanos) : noSuchOverload;
  }
  if (one instanceof Duration) {
    if (other instanceof Timestamp) return timestampOf(one.nanos + other.nanos);
    return other instanceof Duration ? durationOf(one.nanos + other.nanos) : noSuchOverload;
  }
  return calculate(one, other, plus);
}

function concatenate(
  one: readonly Value[] | ListValue,
  other: readonly Value[] | ListValue,
  work: Work,
): Value {
  const [elements, others] = [elementsOf(one), elementsOf(other)];
  work.take(elements.length + others.length);
  return one instanceof SchemaList ? one.add(others, work) : [...elements, ...others];
}

function joinBytes(one: Uint8Array, other: Uint8Array): Uint8Array {
  const joined = new Uint8Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined;
}

const minus: NumericOperator = {
  ints: (one, other) => intOf(one - other),
  uints: (one, other) => uintOf(one - other),
  doubles: (one, other) => one - other,
};

export function subtract(one: Value, other: Value): Result {
  if (one instanceof Timestamp) {
    if (other instanceof Timestamp) return durationOf(one.nanos - other.nanos);
    return other instanceof Duration ? timestampOf(one.nanos - other.nanos) : noSuchOverload;
  }
  if (one instanceof Duration) {
    return other instanceof Duration ? durationOf(one.nanos - other.nanos) : noSuchOverload;
  }
  return calculate(one, other, minus);
}

const times: NumericOperator = {
  ints: (one, other) => intOf(one * other),
  uints: (one, other) => uintOf(one * other),
  doubles: (one, other) => one * other,
};

export function multiply(one: Value, other: Value): Result {
  return calculate(one, other, times);
}

const over: NumericOperator = {
  ints: (one, other) => (other === 0n ? divisionByZero : intOf(one / other)),
  uints: (one, other) => (other === 0n ? divisionByZero : uintOf(one / other)),
  doubles: (one, other) => one / other,
};

export function divide(one: Value, other: Value): Result {
  return calculate(one, other, over);
}

const rest: NumericOperator = {
  ints: (one, other) => {
    if (other === 0n) return modulusByZero;
    return one === -(2n ** 63n) && other === -1n ? intOverflow : intOf(one % other);
  },
  uints: (one, other) => (other === 0n ? modulusByZero : uintOf(one % other)),
};

export function modulo(one: Value, other: Value): Result {
  return calculate(one, other, rest);
}

export function negate(value: Value): Result {
  if (isInt(value)) return intOf(-BigInt(value));
  if (value instanceof Duration) return durationOf(-value.nanos);
  const double = doubleValue(value);
  return double === undefined ? noSuchOverload : doubleOf(-double);
}
