import {
  type FunctionDeclaration,
  type Library,
  type NamedType,
  declare,
  laborious,
  member,
  overload,
} from '../declarations.ts';
import { standardMacros } from '../macros/standard-macros.ts';
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
  nullType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from '../type.ts';
import { Failure, type Result, TypeValue } from '../values/value.ts';
import { conversionFunctions } from './conversions.ts';
import { type KeptPatterns, matches } from './kept-patterns.ts';
import { operatorFunctions } from './operators.ts';
import { timeFunctions } from './time-functions.ts';

/** What every environment has. Source: cel-spec, doc/langdef.md, "List of Standard Definitions". */
export function standardLibrary(patterns: KeptPatterns): Library {
  return {
    functions: [
      ...operatorFunctions,
      ...conversionFunctions,
      ...timeFunctions,
      ...textFunctions,
      matchesFunction(patterns),
    ],
    macros: standardMacros,
    types: typeNames,
  };
}

const textFunctions: readonly FunctionDeclaration[] = [
  textTest('contains', (text, part) => text.includes(part)),
  textTest('startsWith', (text, part) => text.startsWith(part)),
  textTest('endsWith', (text, part) => text.endsWith(part)),
];

function textTest(
  name: string,
  test: (text: string, part: string) => boolean,
): FunctionDeclaration {
  return declare(name, member(`${name}_string`, [stringType, stringType], boolType, test));
}

function matchesFunction(patterns: KeptPatterns): FunctionDeclaration {
  const apply = laborious((work, text: string, pattern: string): Result => {
    const compiled = patterns.compile(pattern, work);
    return compiled === undefined
      ? new Failure(`error parsing regexp: ${JSON.stringify(pattern)}`)
      : matches(compiled, text, work);
  });
  return declare(
    'matches',
    overload('matches', [stringType, stringType], boolType, apply),
    member('matches_string', [stringType, stringType], boolType, apply),
  );
}

function nameOf(type: Type, name: string = type.name): NamedType {
  return { name, type: typeType(type), value: TypeValue.of(type) };
}

const typeNames: readonly NamedType[] = [
  ...[boolType, bytesType, doubleType, intType, stringType, uintType].map((type) => nameOf(type)),
  nameOf(listType(dynType), 'list'),
  nameOf(mapType(dynType, dynType), 'map'),
  nameOf(nullType, 'null_type'),
  { name: 'type', type: typeType(typeType()), value: new TypeValue('type') },
  nameOf(timestampType, 'google.protobuf.Timestamp'),
  nameOf(durationType, 'google.protobuf.Duration'),
];
