import type { FunctionDeclaration } from '../declarations.ts';
import type { ObjectType, Type } from '../type.ts';
import type { Value } from '../values/value.ts';
import { candidateNames } from './names.ts';

/** What a name stands for. */
export interface Identity {
  readonly name: string;
  readonly type: Type;
  /** Of a name that is not a variable: a type. */
  readonly constant?: Value;
}

/** All that an expression may name. */
export interface Declared {
  readonly container: string;
  readonly identities: ReadonlyMap<string, Identity>;
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  /** The type of the objects that expressions may make, by its name: `Object.spec{…}`. */
  readonly messageType: (name: string) => ObjectType | undefined;
}

export function findIdentity(declared: Declared, name: string): Identity | undefined {
  for (const candidate of candidateNames(declared.container, name)) {
    const found = declared.identities.get(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function findFunction(declared: Declared, name: string): FunctionDeclaration | undefined {
  for (const candidate of candidateNames(declared.container, name)) {
    const found = declared.functions.get(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function findMessage(declared: Declared, name: string): ObjectType | undefined {
  for (const candidate of candidateNames(declared.container, name)) {
    const found = declared.messageType(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}
