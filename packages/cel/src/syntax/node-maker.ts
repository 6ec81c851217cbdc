import type { Call, Expression, Literal } from '../expression.ts';
import type { Issue } from '../issue.ts';
import type { Limits } from '../limits.ts';
import type { Macro } from '../macros/macro.ts';
import type { Value } from '../values/value.ts';
import { ExpressionSizes } from './expression-sizes.ts';
import { literalNames } from './grammar.ts';
import type { Token } from './lexer.ts';

export interface ParseOptions {
  /** By `macroKey`. */
  readonly macros: ReadonlyMap<string, Macro>;
  readonly limits: Limits;
  /** Fields may be named ``m.`a-b` ``, which Kubernetes does not have. */
  readonly allowsQuotedNames?: boolean;
}

/** Under which key a macro is found: its name, how many arguments, and whether it has a target. */
export function macroKey(name: string, argumentCount: number, isMember: boolean): string {
  return `${isMember ? 'method' : 'function'} ${name}/${argumentCount}`;
}

/** Thrown where nothing can be made of the rest; what is wrong has been noted. */
export class ParseStop extends Error {}

/** Makes the nodes of an expression, within its limits; macros expand as they are made. */
export class NodeMaker {
  readonly #issues: Issue[];
  readonly #options: ParseOptions;
  readonly #sizes: ExpressionSizes;

  constructor(issues: Issue[], options: ParseOptions) {
    this.#issues = issues;
    this.#options = options;
    this.#sizes = new ExpressionSizes(options.limits);
  }

  /** How many nodes an expression consists of. */
  nodesOf(expression: Expression): number {
    return this.#sizes.of(expression).nodes;
  }

  literal({ kind, offset }: Token, value: Value | undefined): Literal {
    if (value === undefined) {
      const what = kind === 'string' ? 'unicode code point' : `${literalNames[kind] ?? ''} literal`;
      this.#issues.push({ offset, message: `invalid ${what}` });
    }
    return this.add({ kind: 'literal', value: value ?? null, offset });
  }

  call({ offset }: Token, name: string, args: readonly Expression[]): Expression {
    return this.add({ kind: 'call', name, arguments: args, offset });
  }

  /** A call as it was written, which a macro may make something else of. */
  invoke(call: Call): Expression {
    const { name, target, arguments: args, offset } = call;
    const key = macroKey(name, args.length, target !== undefined);
    const expanded = this.#options.macros.get(key)?.expand({ target, arguments: args, offset });
    if (expanded === undefined) return this.add(call);
    if ('message' in expanded) {
      this.#issues.push(expanded);
      return { kind: 'literal', value: null, offset };
    }
    return this.add(expanded);
  }

  add<T extends Expression>(node: T): T {
    const problem = this.#sizes.problemOf(node);
    if (problem !== undefined) this.stop(node.offset, problem);
    return node;
  }

  stop(offset: number, message: string): never {
    this.#issues.push({ offset, message });
    throw new ParseStop();
  }
}
