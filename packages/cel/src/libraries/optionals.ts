import { type Library, declare, laborious, member, overload } from '../declarations.ts';
import { optionalMacros } from '../macros/optional-macros.ts';
import { boolType, dynType, listType, optionalType, typeParameter, typeType } from '../type.ts';
import { Optional, isZero, none } from '../values/optional.ts';
import {
  Failure,
  type ListValue,
  type Result,
  TypeValue,
  type Value,
  elementsOf,
} from '../values/value.ts';

const a = typeParameter('A');
const optional = optionalType(a);

function unwrap(list: readonly Value[] | ListValue): Result {
  const values: Value[] = [];
  for (const each of elementsOf(list)) {
    if (!(each instanceof Optional)) return new Failure('no such overload');
    if (each.value !== undefined) values.push(each.value);
  }
  return values;
}

/**
 * Values that may be missing: `self.?a.orValue(1)`, `[?x]`. Source: cel-go, cel/library.go,
 * "OptionalTypes".
 */
export const optionalsLibrary: Library = {
  functions: [
    declare(
      'optional.of',
      overload('optional_of', [a], optional, (value: Value) => new Optional(value)),
    ),
    declare(
      'optional.ofNonZeroValue',
      overload(
        'optional_ofNonZeroValue',
        [a],
        optional,
        laborious((work, value: Value) => (isZero(value, work) ? none : new Optional(value))),
      ),
    ),
    declare(
      'optional.none',
      overload('optional_none', [], optional, () => none),
    ),
    declare(
      'value',
      member('optional_value', [optional], a, ({ value }: Optional) =>
        value === undefined ? new Failure('optional.none() dereference') : value,
      ),
    ),
    declare(
      'hasValue',
      member(
        'optional_hasValue',
        [optional],
        boolType,
        ({ value }: Optional) => value !== undefined,
      ),
    ),
    declare(
      'or',
      member(
        'optional_or_optional',
        [optional, optional],
        optional,
        (one: Optional, other: Optional) => (one.value === undefined ? other : one),
      ),
    ),
    declare(
      'orValue',
      member('optional_orValue_value', [optional, a], a, ({ value }: Optional, otherwise: Value) =>
        value === undefined ? otherwise : value,
      ),
    ),
    declare(
      'optional.unwrap',
      overload('optional_unwrap', [listType(optional)], listType(a), unwrap),
    ),
    declare('unwrapOpt', member('optional_unwrapOpt', [listType(optional)], listType(a), unwrap)),
  ],
  macros: optionalMacros,
  types: [
    {
      name: 'optional_type',
      type: typeType(optionalType(dynType)),
      value: new TypeValue('optional_type'),
    },
  ],
};
