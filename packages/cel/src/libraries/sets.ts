import { type Library, declare, laborious, overload } from '../declarations.ts';
import { boolType, listType, typeParameter } from '../type.ts';
import { equals } from '../values/equality.ts';
import { type ListValue, type Value, elementsOf } from '../values/value.ts';
import type { Work } from '../values/work.ts';

type List = readonly Value[] | ListValue;

const list = listType(typeParameter('T'));

function holds(work: Work, elements: readonly Value[], value: Value): boolean {
  work.take(elements.length);
  return elements.some((each) => equals(each, value, work));
}

function contains(work: Work, whole: List, part: List): boolean {
  const elements = elementsOf(whole);
  return elementsOf(part).every((each) => holds(work, elements, each));
}

function intersects(work: Work, one: List, other: List): boolean {
  const elements = elementsOf(one);
  return elementsOf(other).some((each) => holds(work, elements, each));
}

/** Lists as sets. Source: cel-go, ext/sets.go. */
export const setsLibrary: Library = {
  functions: [
    declare(
      'sets.contains',
      overload('list_sets_contains_list', [list, list], boolType, laborious(contains)),
    ),
    declare(
      'sets.equivalent',
      overload(
        'list_sets_equivalent_list',
        [list, list],
        boolType,
        laborious(
          (work, one: List, other: List) =>
            contains(work, one, other) && contains(work, other, one),
        ),
      ),
    ),
    declare(
      'sets.intersects',
      overload('list_sets_intersects_list', [list, list], boolType, laborious(intersects)),
    ),
  ],
};
