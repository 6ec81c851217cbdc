import {
  type FunctionDeclaration,
  type Overload,
  declare,
  member,
  overload,
} from '../src/declarations.ts';
import { Environment } from '../src/environment.ts';
import { bindingsLibrary } from '../src/libraries/bindings.ts';
import { plainNumbers } from '../src/libraries/number-styles.ts';
import { optionalsLibrary } from '../src/libraries/optionals.ts';
import { KeptPatterns } from '../src/libraries/kept-patterns.ts';
import { standardLibrary } from '../src/libraries/standard.ts';
import { stringsLibrary } from '../src/libraries/strings.ts';
import { twoVariablesLibrary } from '../src/libraries/two-variables.ts';
import { type Type, dynType } from '../src/type.ts';
import { equals } from '../src/values/equality.ts';
import { Failure, type Result, type Value, typeNameOf } from '../src/values/value.ts';
import { Work } from '../src/values/work.ts';
import type { ConformanceCase, Json } from './conformance-cases.ts';
import { readType, readValue } from './wire-values.ts';

/** What is wrong with the outcome of a case; undefined when it passes. */
export function runCase(found: ConformanceCase): string | undefined {
  const environment = environmentOf(found);
  const compiled = found.isChecked
    ? environment.compile(found.expression)
    : environment.compileUnchecked(found.expression);
  if (compiled.kind === 'refused') {
    return found.value === undefined ? undefined : `refused: ${compiled.problem}`;
  }
  const { program } = compiled;
  const type = found.deducedType === undefined ? found.printedType : readType(found.deducedType);
  if (found.isChecked && type !== undefined && String(program.type) !== String(type)) {
    return `has type ${program.type}, not ${type}`;
  }
  if (found.isCheckOnly) return undefined;
  const bindings = Object.entries(found.bindings).map(
    ([name, { value }]) => [name, readValue(value) as Value] as const,
  );
  const { result } = program.evaluate(Object.fromEntries(bindings));
  return judge(result, found.value);
}

function judge(result: Result, expected: Json | undefined): string | undefined {
  if (expected === undefined) {
    return result instanceof Failure ? undefined : `came to ${describe(result)}, not to a failure`;
  }
  if (result instanceof Failure) return `failed: ${result.message}`;
  const value = readValue(expected) as Value;
  const isSame = typeNameOf(value) === typeNameOf(result) && isEqual(value, result);
  return isSame ? undefined : `came to ${describe(result)}, not ${describe(value)}`;
}

function isEqual(one: Value, other: Value): boolean {
  return Object.is(one, Number.NaN) ? Object.is(other, Number.NaN) : equals(one, other, new Work());
}

function describe(value: Value): string {
  const text = JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'bigint' ? String(each) : each,
  );
  return `${typeNameOf(value)} ${text}`;
}

function environmentOf(found: ConformanceCase): Environment {
  const variables: Record<string, Type> = {};
  const functions: FunctionDeclaration[] = [];
  for (const name of Object.keys(found.bindings)) variables[name] = dynType;
  for (const declaration of found.typeEnv) {
    const name = declaration['name'] as string;
    const ident = declaration['ident'] as Json | undefined;
    if (ident !== undefined) variables[name] = readType(ident['type'] as Json) ?? dynType;
    else functions.push(readFunction(name, declaration['function'] as Json));
  }
  return new Environment({
    libraries: [
      standardLibrary(new KeptPatterns()),
      stringsLibrary(plainNumbers),
      optionalsLibrary,
      twoVariablesLibrary,
      bindingsLibrary,
      { functions },
    ],
    variables,
    container: found.container,
    allowsQuotedNames: true,
  });
}

function readFunction(name: string, declaration: Json): FunctionDeclaration {
  const overloads = declaration['overloads'] as readonly Json[];
  return declare(
    name,
    ...overloads.map((each): Overload => {
      const parameters = ((each['params'] ?? []) as readonly Json[]).map(
        (type) => readType(type) ?? dynType,
      );
      const make = each['isInstanceFunction'] === true ? member : overload;
      const result = readType((each['resultType'] ?? {}) as Json) ?? dynType;
      return make(String(each['overloadId']), parameters, result, () => new Failure('not built'));
    }),
  );
}
