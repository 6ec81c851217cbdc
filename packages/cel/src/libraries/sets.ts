import { type Library, declare, overload } from '../declarations.ts';
import { boolType, listType, typeParameter } from '../type.ts';
import { equals } from '../values/equality.ts';
import { type ListValue, type Value, elementsOf } from '../values/value.ts';
import { takeWork } from '../values/work.ts';

type List = readonly Value[] | ListValue;

const list = listType(typeParameter('T'));

function holds(elements: readonly Value[], value: Value): boolean {
  takeWork(elements.length);
  return elements.some((each) => equals(each, value));
}

function contains(whole: List, part: List): boolean {
  const elements = elementsOf(whole);
  return elementsOf(part).every((each) => holds(elements, each));
}

function intersects(one: List, other: List): boolean {
  const elements = elementsOf(one);
  return elementsOf(other).some((each) => holds(elements, each));
}

/** Lists as sets. Source: cel-go, ext/sets.go. */
export const setsLibrary: Library = {
  functions: [
    declare('sets.contains', overload('list_sets_contains_list', [list, list], boolType, contains)),
    declare(
      'sets.equivalent',
      overload(
        'list_sets_equivalent_list',
        [list, list],
        boolType,
        (one: List, other: List) => contains(one, other) && contains(other, one),
      ),
    ),
    declare(
      'sets.intersects',
      overload('list_sets_intersects_list', [list, list], boolType, intersects),
    ),
  ],
};
