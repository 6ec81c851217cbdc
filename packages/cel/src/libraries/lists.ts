import { type Library, declare, laborious, member, overload } from '../declarations.ts';
import { type Expression, operators } from '../expression.ts';
import { Builder, type Macro, isIssue, variableNames } from '../macros/macro.ts';
import { bindVariable } from '../macros/optional-macros.ts';
import { dynType, intType, listType, optionalType, orderedTypes, typeParameter } from '../type.ts';
import { equals } from '../values/equality.ts';
import { Optional, none } from '../values/optional.ts';
import { compare } from '../values/order.ts';
import {
  Failure,
  type ListValue,
  type Result,
  type Value,
  elementsOf,
  isList,
} from '../values/value.ts';
import type { Work } from '../values/work.ts';

type List = readonly Value[] | ListValue;

const t = typeParameter('T');
const list = listType(t);

function slice(of: List, start: number | bigint, end: number | bigint): Result {
  const elements = elementsOf(of);
  const cannot = `cannot slice(${start}, ${end})`;
  if (start < 0 || end < 0) return new Failure(`${cannot}, negative indexes not supported`);
  if (start > end) {
    return new Failure(`${cannot}, start index must be less than or equal to end index`);
  }
  if (end > elements.length) return new Failure(`${cannot}, list is length ${elements.length}`);
  return elements.slice(Number(start), Number(end));
}

function flatten(work: Work, of: List, depth: number | bigint = 1): Result {
  if (depth < 0) return new Failure('level must be non-negative');
  const flat: Value[] = [];
  const add = (elements: readonly Value[], left: number): void => {
    work.take(elements.length);
    for (const each of elements) {
      if (left > 0 && isList(each)) add(elementsOf(each), left - 1);
      else flat.push(each);
    }
  };
  add(elementsOf(of), Number(depth));
  return flat;
}

function distinct(work: Work, of: List): Result {
  const found: Value[] = [];
  const texts = new Set<Value>();
  for (const each of elementsOf(of)) {
    if (typeof each === 'string') {
      if (texts.has(each)) continue;
      texts.add(each);
    } else {
      work.take(found.length);
      if (found.some((other) => equals(each, other, work))) continue;
    }
    found.push(each);
  }
  return found;
}

function sortByKeys(work: Work, of: List, keys: List): Result {
  const elements = elementsOf(of);
  const values = elementsOf(keys);
  if (elements.length !== values.length) {
    return new Failure(
      '@sortByAssociatedKeys() expected a list of the same size as the associated keys list',
    );
  }
  const order = values.map((_, index) => index);
  let failure: Failure | undefined;
  order.sort((one, other) => {
    const outcome = compare(values[one] as Value, values[other] as Value, work);
    if (!(outcome instanceof Failure)) return outcome;
    failure ??= new Failure('list elements must have the same type');
    return 0;
  });
  return failure ?? order.map((index) => elements[index] as Value);
}

function range(work: Work, count: number | bigint): Result {
  work.take(Math.max(0, Number(count)));
  return Array.from({ length: Math.max(0, Number(count)) }, (_, index) => index);
}

function first(of: List): Result {
  const [found] = elementsOf(of);
  return found === undefined ? none : new Optional(found);
}

function last(of: List): Result {
  const found = elementsOf(of).at(-1);
  return found === undefined ? none : new Optional(found);
}

const inputName = '@__sortBy_input__';

/** `list.sortBy(e, e.age)`: the list is named, so that it is evaluated once. */
const sortBy: Macro = {
  name: 'sortBy',
  argumentCount: 2,
  isMember: true,
  expand: ({ target, arguments: args, offset }) => {
    const names = variableNames(args.slice(0, 1));
    if (isIssue(names)) return names;
    const build = new Builder(offset);
    const input = build.name(inputName);
    const keys = build.loop(input, names, {
      initial: build.list(),
      condition: build.literal(true),
      step: build.call(operators.add, build.accumulator, build.list(args[1] as Expression)),
      result: build.accumulator,
    });
    const body = build.method(input, '@sortByAssociatedKeys', keys);
    return bindVariable(build, { name: inputName, value: target as Expression, body });
  },
};

/** Source: cel-go, ext/lists.go, version 3. */
export const listsLibrary: Library = {
  functions: [
    declare('slice', member('list_slice', [list, intType, intType], list, slice)),
    declare(
      'flatten',
      member('list_flatten', [listType(list)], list, laborious(flatten)),
      member(
        'list_flatten_int',
        [listType(dynType), intType],
        listType(dynType),
        laborious(flatten),
      ),
    ),
    declare('distinct', member('list_distinct', [list], list, laborious(distinct))),
    declare(
      'sort',
      ...orderedTypes.map((each) =>
        member(
          `list_${each}_sort`,
          [listType(each)],
          listType(each),
          laborious((work, of: List) => sortByKeys(work, of, of)),
        ),
      ),
    ),
    declare(
      '@sortByAssociatedKeys',
      ...orderedTypes.map((each) =>
        member(
          `list_${each}_sortByAssociatedKeys`,
          [list, listType(each)],
          list,
          laborious(sortByKeys),
        ),
      ),
    ),
    declare('lists.range', overload('lists_range', [intType], listType(intType), laborious(range))),
    declare(
      'reverse',
      member('list_reverse', [list], list, (of: List) => [...elementsOf(of)].reverse()),
    ),
    declare('first', member('list_first', [list], optionalType(t), first)),
    declare('last', member('list_last', [list], optionalType(t), last)),
  ],
  macros: [sortBy],
};
