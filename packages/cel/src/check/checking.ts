import type { Overload } from '../declarations.ts';
import type { Expression } from '../expression.ts';
import type { Issue } from '../issue.ts';
import { type Type, errorType } from '../type.ts';
import { type Declared, type Identity, findIdentity } from './declared.ts';
import { Substitutions } from './substitutions.ts';

/** The overloads that a call may mean by the types of its arguments. */
export interface ResolvedCall {
  readonly overloads: readonly Overload[];
  /** The target is no value but the first part of the function's name: `sets.contains(…)`. */
  readonly isQualified: boolean;
}

/** What the checker found out of each node. */
export interface Checked {
  readonly types: ReadonlyMap<Expression, Type>;
  /** Names that are not variables of a macro. */
  readonly identities: ReadonlyMap<Expression, Identity>;
  readonly calls: ReadonlyMap<Expression, ResolvedCall>;
  readonly issues: readonly Issue[];
}

/** Finds the type of one expression, and by `Checking.check` those of its parts. */
export type TypeOf = (checking: Checking, expression: Expression) => Type;

/** What is known of an expression while it is checked, and how what is wrong is told. */
export class Checking {
  readonly declared: Declared;
  readonly substitutions: Substitutions = new Substitutions();
  readonly identities: Map<Expression, Identity> = new Map();
  readonly calls: Map<Expression, ResolvedCall> = new Map();
  /** Variables of macros, the innermost last. */
  readonly scopes: { readonly name: string; readonly type: Type }[] = [];
  readonly #types = new Map<Expression, Type>();
  readonly #issues: Issue[] = [];
  readonly #typeOf: TypeOf;

  constructor(declared: Declared, typeOf: TypeOf) {
    this.declared = declared;
    this.#typeOf = typeOf;
  }

  check(expression: Expression): Type {
    const type = this.#typeOf(this, expression);
    this.#types.set(expression, type);
    return type;
  }

  finish(): Checked {
    const types = new Map<Expression, Type>();
    for (const [expression, type] of this.#types) {
      types.set(expression, this.substitutions.resolve(type, true));
    }
    return { types, identities: this.identities, calls: this.calls, issues: this.#issues };
  }

  find(name: string): Identity | undefined {
    const local = this.scopes.findLast((each) => each.name === name);
    return local ?? findIdentity(this.declared, name);
  }

  isLocal(name: string): boolean {
    return this.scopes.some((each) => each.name === name);
  }

  report({ offset }: { readonly offset: number }, message: string): void {
    this.#issues.push({ offset, message });
  }

  mismatch(at: Expression, expected: Type, found: Type): void {
    const resolved = [expected, found].map((each) => this.substitutions.resolve(each, true));
    this.report(at, `expected type '${resolved[0]}' but found '${resolved[1]}'`);
  }

  undeclared(at: Expression, name: string): Type {
    const { container } = this.declared;
    this.report(at, `undeclared reference to '${name}' (in container '${container}')`);
    return errorType;
  }
}
