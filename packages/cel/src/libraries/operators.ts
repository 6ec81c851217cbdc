import { type FunctionDeclaration, declare, laborious, overload } from '../declarations.ts';
import { operators } from '../expression.ts';
import {
  type Type,
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  optionalType,
  orderedTypes,
  stringType,
  timestampType,
  typeParameter,
  uintType,
} from '../type.ts';
import type { Work } from '../values/work.ts';
import { divide, modulo, multiply, negate, subtract } from '../values/arithmetic.ts';
import { equals } from '../values/equality.ts';
import {
  type ListValue,
  type MapValue,
  type PlainMap,
  type Result,
  type Value,
  elementsOf,
  isList,
  noSuchOverload,
  valueAt,
} from '../values/value.ts';

const a = typeParameter('A');
const b = typeParameter('B');

/** Compiled apart, since they do not need all their operands or are too frequent; declared for their types. */
const special = (): Result => noSuchOverload;

type Apply = (one: Value, other: Value) => Result;
type Triple = readonly [Type, Type, Type];

/** An operator of two operands; each row has their types and that of the result. */
function binary(
  name: string,
  idPrefix: string,
  { apply, rows }: { readonly apply: Apply; readonly rows: readonly Triple[] },
): FunctionDeclaration {
  return declare(
    name,
    ...rows.map(([one, other, result]) =>
      overload(
        `${idPrefix}_${one.kind}${one === other ? '' : `_${other.kind}`}`,
        [one, other],
        result,
        apply,
      ),
    ),
  );
}

const same = (...types: readonly Type[]): readonly Triple[] =>
  types.map((each) => [each, each, each]);

const numbers = [intType, uintType, doubleType];

/** Numbers of all types compare with each other. */
const comparable: readonly Triple[] = [
  ...orderedTypes.map((each): Triple => [each, each, boolType]),
  ...numbers.flatMap((one) =>
    numbers.filter((other) => other !== one).map((other): Triple => [one, other, boolType]),
  ),
];

function isIn(work: Work, element: Value, container: Value): Result {
  if (isList(container)) return isInList(work, element, container);
  return valueAt(container as PlainMap | MapValue, element) !== undefined;
}

function isInList(work: Work, element: Value, list: readonly Value[] | ListValue): boolean {
  const elements = elementsOf(list);
  for (let index = 0; index < elements.length; index++) {
    if (equals(element, elements[index] as Value, work)) return true;
  }
  return false;
}

/** Source: cel-spec, doc/langdef.md, "List of Standard Definitions". */
export const operatorFunctions: readonly FunctionDeclaration[] = [
  declare(operators.conditional, overload('conditional', [boolType, a, a], a, special)),
  declare(operators.and, overload('logical_and', [boolType, boolType], boolType, special)),
  declare(operators.or, overload('logical_or', [boolType, boolType], boolType, special)),
  declare(
    operators.not,
    overload('logical_not', [boolType], boolType, (value: Value) =>
      typeof value === 'boolean' ? !value : noSuchOverload,
    ),
  ),
  declare(
    operators.notStrictlyFalse,
    overload('not_strictly_false', [boolType], boolType, special),
  ),
  declare(operators.equals, overload('equals', [a, a], boolType, special)),
  declare(operators.notEquals, overload('not_equals', [a, a], boolType, special)),
  binary(operators.less, 'less', { apply: special, rows: comparable }),
  binary(operators.lessOrEqual, 'less_equals', { apply: special, rows: comparable }),
  binary(operators.greater, 'greater', { apply: special, rows: comparable }),
  binary(operators.greaterOrEqual, 'greater_equals', { apply: special, rows: comparable }),
  binary(operators.add, 'add', {
    apply: special,
    rows: [
      ...same(bytesType, doubleType, intType, stringType, uintType, durationType, listType(a)),
      [durationType, timestampType, timestampType],
      [timestampType, durationType, timestampType],
    ],
  }),
  binary(operators.subtract, 'subtract', {
    apply: subtract,
    rows: [
      ...same(doubleType, intType, uintType, durationType),
      [timestampType, durationType, timestampType],
      [timestampType, timestampType, durationType],
    ],
  }),
  binary(operators.multiply, 'multiply', { apply: multiply, rows: same(...numbers) }),
  binary(operators.divide, 'divide', { apply: divide, rows: same(...numbers) }),
  binary(operators.modulo, 'modulo', { apply: modulo, rows: same(intType, uintType) }),
  declare(
    operators.negate,
    overload('negate_int64', [intType], intType, negate),
    overload('negate_double', [doubleType], doubleType, negate),
  ),
  declare(
    operators.in,
    overload('in_list', [a, listType(a)], boolType, laborious(isIn)),
    overload('in_map', [a, mapType(a, b)], boolType, laborious(isIn)),
  ),
  declare(
    operators.index,
    overload('index_list', [listType(a), intType], a, special),
    overload('index_map', [mapType(a, b), a], b, special),
    overload('optional_list_index', [optionalType(listType(a)), intType], optionalType(a), special),
    overload('optional_map_index', [optionalType(mapType(a, b)), a], optionalType(b), special),
  ),
  declare(
    operators.optionalIndex,
    overload('list_optindex', [listType(a), intType], optionalType(a), special),
    overload('map_optindex', [mapType(a, b), a], optionalType(b), special),
    overload(
      'optional_list_optindex',
      [optionalType(listType(a)), intType],
      optionalType(a),
      special,
    ),
    overload('optional_map_optindex', [optionalType(mapType(a, b)), a], optionalType(b), special),
  ),
  declare(
    operators.mapInsert,
    overload('@mapInsert_map_map', [mapType(a, b), mapType(a, b)], mapType(a, b), special),
    overload('@mapInsert_map_key_value', [mapType(a, b), a, b], mapType(a, b), special),
  ),
  declare(
    'dyn',
    overload('to_dyn', [a], dynType, (value: Value) => value),
  ),
];
