import type { Macro } from './macros/macro.ts';
import type { ObjectType, Type } from './type.ts';
import type { Result, TypeValue, Value } from './values/value.ts';
import type { Work } from './values/work.ts';

/** One way in which a function may be called. */
export interface Overload {
  /** As cel-go names it; costs go by it. */
  readonly id: string;
  readonly isMember: boolean;
  /** Of a member, its target first. */
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** Gets values of these types, never a failure. */
  readonly call: (args: readonly Value[], work: Work) => Result;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
}

/** Functions, macros and types that an environment may have: a value, as all libraries are. */
export interface Library {
  readonly functions: readonly FunctionDeclaration[];
  readonly macros?: readonly Macro[];
  /** Types that an expression may name. */
  readonly types?: readonly NamedType[];
  /** The types of objects that an expression may make: `JSONPatch{op: 'add'}`. */
  readonly messageType?: (name: string) => ObjectType | undefined;
}

export interface NamedType {
  readonly name: string;
  readonly type: Type;
  readonly value: TypeValue;
}

type Plain = (...args: never[]) => Result;

/** An implementation that says what it does beside what its cost counts. */
export interface Laborious {
  readonly run: (work: Work, ...args: never[]) => Result;
}

type Implementation = Plain | Laborious;

/** Marks an implementation that is given the work of the evaluation first. */
export function laborious(run: Laborious['run']): Laborious {
  return { run };
}

function callOf(implementation: Implementation): Overload['call'] {
  if (typeof implementation === 'function') {
    const plain = implementation as (...args: readonly Value[]) => Result;
    return (args) => plain(...args);
  }
  const run = implementation.run as (work: Work, ...args: readonly Value[]) => Result;
  return (args, work) => run(work, ...args);
}

/** Declares one overload; the implementation may say what the types of its parameters are. */
export function overload(
  id: string,
  parameters: readonly Type[],
  result: Type,
  implementation: Implementation,
): Overload {
  return { id, isMember: false, parameters, result, call: callOf(implementation) };
}

/** The same for a method: the first of the parameters is its target. */
export function member(
  id: string,
  parameters: readonly Type[],
  result: Type,
  implementation: Implementation,
): Overload {
  return { ...overload(id, parameters, result, implementation), isMember: true };
}

export function declare(name: string, ...overloads: readonly Overload[]): FunctionDeclaration {
  return { name, overloads };
}
