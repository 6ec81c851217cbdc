import { type Library, declare, member } from '../../declarations.ts';
import {
  type Type,
  boolType,
  doubleType,
  durationType,
  intType,
  listType,
  orderedTypes,
  typeParameter,
  uintType,
} from '../../type.ts';
import { add } from '../../values/arithmetic.ts';
import { equals } from '../../values/equality.ts';
import { compare } from '../../values/order.ts';
import { Duration } from '../../values/time.ts';
import {
  Double,
  Failure,
  type ListValue,
  type Result,
  Uint,
  type Value,
  elementsOf,
} from '../../values/value.ts';

type List = readonly Value[] | ListValue;

const zeros: readonly (readonly [Type, Value])[] = [
  [intType, 0],
  [uintType, new Uint(0n)],
  [doubleType, new Double(0)],
  [durationType, new Duration(0n)],
];

function isSorted(list: List): Result {
  const elements = elementsOf(list);
  for (let index = 1; index < elements.length; index++) {
    const order = compare(elements[index - 1] as Value, elements[index] as Value);
    if (order instanceof Failure) return order;
    if (order > 0) return false;
  }
  return true;
}

function sum(list: List, zero: Value): Result {
  let total = zero;
  for (const each of elementsOf(list)) {
    const next = add(total, each);
    if (next instanceof Failure) return next;
    total = next;
  }
  return total;
}

/** The first element that comes before all others by `isBefore`. */
function extreme(list: List, name: string, isBefore: (order: number) => boolean): Result {
  const [first, ...others] = elementsOf(list);
  if (first === undefined) return new Failure(`${name} called on empty list`);
  let found = first;
  for (const each of others) {
    const order = compare(each, found);
    if (order instanceof Failure) return order;
    if (isBefore(order)) found = each;
  }
  return found;
}

const a = typeParameter('A');

/** Source: Kubernetes, cel/library/lists.go. */
export const kubernetesListsLibrary: Library = {
  functions: [
    declare(
      'isSorted',
      ...orderedTypes.map((each) =>
        member(`list_${each}_is_sorted_bool`, [listType(each)], boolType, isSorted),
      ),
    ),
    declare(
      'sum',
      ...zeros.map(([type, zero]) =>
        member(`list_${type}_sum_${type}`, [listType(type)], type, (list: List) => sum(list, zero)),
      ),
    ),
    declare(
      'min',
      ...orderedTypes.map((each) =>
        member(`list_${each}_min_${each}`, [listType(each)], each, (list: List) =>
          extreme(list, 'min', (order) => order < 0),
        ),
      ),
    ),
    declare(
      'max',
      ...orderedTypes.map((each) =>
        member(`list_${each}_max_${each}`, [listType(each)], each, (list: List) =>
          extreme(list, 'max', (order) => order > 0),
        ),
      ),
    ),
    declare(
      'indexOf',
      member('list_a_index_of_int', [listType(a), a], intType, (list: List, value: Value) =>
        elementsOf(list).findIndex((each) => equals(each, value)),
      ),
    ),
    declare(
      'lastIndexOf',
      member('list_a_last_index_of_int', [listType(a), a], intType, (list: List, value: Value) =>
        elementsOf(list).findLastIndex((each) => equals(each, value)),
      ),
    ),
  ],
};
