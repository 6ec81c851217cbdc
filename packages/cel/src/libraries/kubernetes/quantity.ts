import {
  type Quantity,
  addQuantities,
  checkQuantity,
  compareQuantities,
  negateQuantity,
  parseQuantity,
} from '@fairway/protocol';
import { type Library, declare, member, overload } from '../../declarations.ts';
import {
  type Type,
  boolType,
  doubleType,
  intType,
  opaqueType,
  stringType,
  typeType,
} from '../../type.ts';
import { intOf } from '../../values/integers.ts';
import {
  Failure,
  OpaqueValue,
  type Result,
  TypeValue,
  type Value,
  doubleOf,
} from '../../values/value.ts';

const one = 1_000_000_000n;

/** An amount of a resource: `500m`, `2Gi`. */
export class QuantityValue extends OpaqueValue {
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  get typeName(): string {
    return 'kubernetes.Quantity';
  }

  equals(other: Value): boolean {
    return other instanceof QuantityValue && compareQuantities(this.quantity, other.quantity) === 0;
  }
}

export const quantityType: Type = opaqueType('kubernetes.Quantity');

function parse(text: string): Result {
  const parsed = parseQuantity(text);
  return parsed === undefined
    ? new Failure(checkQuantity(text) ?? 'invalid quantity')
    : new QuantityValue(parsed);
}

function asInteger({ quantity }: QuantityValue): Result {
  const isWhole = quantity.nanos % one === 0n;
  const value = isWhole ? intOf(quantity.nanos / one) : undefined;
  return value ?? new Failure('cannot convert value to integer');
}

function ofInt(value: number | bigint): QuantityValue {
  return new QuantityValue({ nanos: BigInt(value) * one, format: 'DecimalSI' });
}

function sum(left: QuantityValue, right: QuantityValue): Result {
  return new QuantityValue(addQuantities(left.quantity, right.quantity));
}

function difference(left: QuantityValue, right: QuantityValue): Result {
  return new QuantityValue(addQuantities(left.quantity, negateQuantity(right.quantity)));
}

function order(left: QuantityValue, right: QuantityValue): number {
  return compareQuantities(left.quantity, right.quantity);
}

/** `sign` is no method, unlike all others here. Source: Kubernetes, cel/library/quantity.go. */
export const quantityLibrary: Library = {
  functions: [
    declare('quantity', overload('string_to_quantity', [stringType], quantityType, parse)),
    declare(
      'isQuantity',
      overload(
        'is_quantity_string',
        [stringType],
        boolType,
        (text: string) => parseQuantity(text) !== undefined,
      ),
    ),
    declare(
      'sign',
      overload('quantity_sign', [quantityType], intType, ({ quantity }: QuantityValue) =>
        quantity.nanos < 0n ? -1 : quantity.nanos > 0n ? 1 : 0,
      ),
    ),
    declare('asInteger', member('quantity_as_integer', [quantityType], intType, asInteger)),
    declare(
      'isInteger',
      member(
        'quantity_is_integer',
        [quantityType],
        boolType,
        (value: QuantityValue) => !(asInteger(value) instanceof Failure),
      ),
    ),
    declare(
      'asApproximateFloat',
      member('quantity_as_float', [quantityType], doubleType, ({ quantity }: QuantityValue) =>
        doubleOf(Number(quantity.nanos) / 1e9),
      ),
    ),
    declare(
      'add',
      member('quantity_add', [quantityType, quantityType], quantityType, sum),
      member(
        'quantity_add_int',
        [quantityType, intType],
        quantityType,
        (left: QuantityValue, right: number) => sum(left, ofInt(right)),
      ),
    ),
    declare(
      'sub',
      member('quantity_sub', [quantityType, quantityType], quantityType, difference),
      member(
        'quantity_sub_int',
        [quantityType, intType],
        quantityType,
        (left: QuantityValue, right: number) => difference(left, ofInt(right)),
      ),
    ),
    declare(
      'isLessThan',
      member(
        'quantity_less_than',
        [quantityType, quantityType],
        boolType,
        (left: QuantityValue, right: QuantityValue) => order(left, right) < 0,
      ),
    ),
    declare(
      'isGreaterThan',
      member(
        'quantity_greater_than',
        [quantityType, quantityType],
        boolType,
        (left: QuantityValue, right: QuantityValue) => order(left, right) > 0,
      ),
    ),
    declare(
      'compareTo',
      member('quantity_compare_to', [quantityType, quantityType], intType, order),
    ),
  ],
  types: [
    {
      name: 'kubernetes.Quantity',
      type: typeType(quantityType),
      value: new TypeValue('kubernetes.Quantity'),
    },
  ],
};
