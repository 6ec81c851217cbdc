import { type Laborious, type Library, declare, laborious, member } from '../../declarations.ts';
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
import type { Work } from '../../values/work.ts';

type List = readonly Value[] | ListValue;

const zeros: readonly (readonly [Type, Value])[] = [
  [intType, 0],
  [uintType, new Uint(0n)],
  [doubleType, new Double(0)],
  [durationType, new Duration(0n)],
];

function isSorted(work: Work, list: List): Result {
  const elements = elementsOf(list);
  for (let index = 1; index < elements.length; index++) {
    const order = compare(elements[index - 1] as Value, elements[index] as Value, work);
    if (order instanceof Failure) return order;
    if (order > 0) return false;
  }
  return true;
}

function sum(work: Work, list: List, zero: Value): Result {
  let total = zero;
  for (const each of elementsOf(list)) {
    const next = add(total, each, work);
    if (next instanceof Failure) return next;
    total = next;
  }
  return total;
}

/** The first element that comes before all others by `isBefore`. */
function extreme(name: string, isBefore: (order: number) => boolean): Laborious {
  return laborious((work, list: List) => {
    const [first, ...others] = elementsOf(list);
    if (first === undefined) return new Failure(`${name} called on empty list`);
    let found = first;
    for (const each of others) {
      const order = compare(each, found, work);
      if (order instanceof Failure) return order;
      if (isBefore(order)) found = each;
    }
    return found;
  });
}

const least = extreme('min', (order) => order < 0);
const greatest = extreme('max', (order) => order > 0);

const a = typeParameter('A');

/** Source: Kubernetes, cel/library/lists.go. */
export const kubernetesListsLibrary: Library = {
  functions: [
    declare(
      'isSorted',
      ...orderedTypes.map((each) =>
        member(`list_${each}_is_sorted_bool`, [listType(each)], boolType, laborious(isSorted)),
      ),
    ),
    declare(
      'sum',
      ...zeros.map(([type, zero]) =>
        member(
          `list_${type}_sum_${type}`,
          [listType(type)],
          type,
          laborious((work, list: List) => sum(work, list, zero)),
        ),
      ),
    ),
    declare(
      'min',
      ...orderedTypes.map((each) =>
        member(`list_${each}_min_${each}`, [listType(each)], each, least),
      ),
    ),
    declare(
      'max',
      ...orderedTypes.map((each) =>
        member(`list_${each}_max_${each}`, [listType(each)], each, greatest),
      ),
    ),
    declare(
      'indexOf',
      member(
        'list_a_index_of_int',
        [listType(a), a],
        intType,
        laborious((work, list: List, value: Value) =>
          elementsOf(list).findIndex((each) => equals(each, value, work)),
        ),
      ),
    ),
    declare(
      'lastIndexOf',
      member(
        'list_a_last_index_of_int',
        [listType(a), a],
        intType,
        laborious((work, list: List, value: Value) =>
          elementsOf(list).findLastIndex((each) => equals(each, value, work)),
        ),
      ),
    ),
  ],
};
