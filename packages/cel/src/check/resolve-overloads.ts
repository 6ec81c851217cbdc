import type { Overload } from '../declarations.ts';
import { Type, dynType, isSameType } from '../type.ts';
import type { Substitutions } from './substitutions.ts';

/** How a function is called. */
export interface CallStyle {
  /** Of a method, that of the target first. */
  readonly argumentTypes: readonly Type[];
  readonly isMember: boolean;
}

/** The overloads that a call may mean, and what it comes to. */
interface Resolved {
  readonly overloads: readonly Overload[];
  readonly result: Type;
}

/** Finds the overloads that take these arguments: more than one where a type is not known. */
export function resolveOverloads(
  declared: readonly Overload[],
  substitutions: Substitutions,
  { argumentTypes, isMember }: CallStyle,
): Resolved | undefined {
  const overloads: Overload[] = [];
  let found: Type | undefined;
  for (const overload of declared) {
    if (overload.isMember !== isMember) continue;
    const { parameters, result } = instantiate(overload, substitutions);
    if (!substitutions.areAssignable(argumentTypes, parameters)) continue;
    overloads.push(overload);
    const type = substitutions.resolve(result, false);
    if (found === undefined) found = type;
    else if (found.kind !== 'dyn' && !isSameType(found, type)) found = dynType;
  }
  return found && { overloads, result: found };
}

/** The types of an overload with type parameters of its own. */
function instantiate(
  overload: Overload,
  substitutions: Substitutions,
): Pick<Overload, 'parameters' | 'result'> {
  const fresh = new Map<string, Type>();
  const replace = (type: Type): Type => {
    if (type.kind === 'parameter') {
      const known = fresh.get(type.name) ?? substitutions.create();
      fresh.set(type.name, known);
      return known;
    }
    if (type.parameters.length === 0) return type;
    return new Type(type.kind, type.name, type.parameters.map(replace));
  };
  return { parameters: overload.parameters.map(replace), result: replace(overload.result) };
}

/** `(int, string)`, or of a method `string.(int)`. */
export function describeArguments(
  { argumentTypes, isMember }: CallStyle,
  substitutions: Substitutions,
): string {
  const types = argumentTypes.map((each) => substitutions.resolve(each, true));
  if (!isMember) return `(${types.join(', ')})`;
  return `${types[0]}.(${types.slice(1).join(', ')})`;
}
