import {
  type FunctionDeclaration,
  type Library,
  type NamedType,
  declare,
  member,
  overload,
} from '../declarations.ts';
import { standardMacros } from '../macros/standard-macros.ts';
import { type CompileRegularExpression, tooMuchWork } from '../regular-expressions.ts';
import { matchingFailed } from '../values/value.ts';
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
import { operatorFunctions } from './operators.ts';
import { timeFunctions } from './time-functions.ts';

/** What every environment has. Source: cel-spec, doc/langdef.md, "List of Standard Definitions". */
export function standardLibrary(compile: CompileRegularExpression): Library {
  return {
    functions: [
      ...operatorFunctions,
      ...conversionFunctions,
      ...timeFunctions,
      ...textFunctions,
      matchesFunction(compile),
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

function matchesFunction(compile: CompileRegularExpression): FunctionDeclaration {
  const matches = (text: string, pattern: string): Result => {
    const expression = compile(pattern);
    if (expression === undefined) {
      return new Failure(`error parsing regexp: ${JSON.stringify(pattern)}`);
    }
    const found = expression.test(text);
    return found === tooMuchWork ? matchingFailed : found;
  };
  return declare(
    'matches',
    overload('matches', [stringType, stringType], boolType, matches),
    member('matches_string', [stringType, stringType], boolType, matches),
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
