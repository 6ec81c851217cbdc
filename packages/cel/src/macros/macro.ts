import {
  type Call,
  type Comprehension,
  type Expression,
  type Identifier,
  type Literal,
  accumulatorName,
} from '../expression.ts';
import type { Issue } from '../issue.ts';
import type { Value } from '../values/value.ts';

/** A call that a macro may make something else of. */
export interface MacroCall {
  readonly target: Expression | undefined;
  readonly arguments: readonly Expression[];
  readonly offset: number;
}

/**
 * Makes an expression of a call while it is read, so that an argument may be a name or be evaluated
 * for each element.
 */
export interface Macro {
  readonly name: string;
  readonly argumentCount: number;
  readonly isMember: boolean;
  /** Undefined: the call stays what it is. */
  readonly expand: (call: MacroCall) => Expression | Issue | undefined;
}

/** The parts that macros are made of, at one place of the text. */
export class Builder {
  readonly #offset: number;

  constructor(offset: number) {
    this.#offset = offset;
  }

  literal(value: Value): Literal {
    return { kind: 'literal', value, offset: this.#offset };
  }

  name(name: string): Identifier {
    return { kind: 'identifier', name, offset: this.#offset };
  }

  get accumulator(): Identifier {
    return this.name(accumulatorName);
  }

  call(name: string, ...args: readonly Expression[]): Call {
    return { kind: 'call', name, arguments: args, offset: this.#offset };
  }

  method(target: Expression, name: string, ...args: readonly Expression[]): Call {
    return { kind: 'call', name, target, arguments: args, offset: this.#offset };
  }

  list(...elements: readonly Expression[]): Expression {
    return { kind: 'list', elements, optionals: new Set(), offset: this.#offset };
  }

  emptyMap(): Expression {
    return { kind: 'map', entries: [], offset: this.#offset };
  }

  /** A loop over a range with one variable, or two. */
  loop(
    range: Expression,
    variables: readonly string[],
    parts: Pick<Comprehension, 'initial' | 'condition' | 'step' | 'result'>,
  ): Comprehension {
    const [variable = '', secondVariable] = variables;
    const accumulator = accumulatorName;
    const loop = { kind: 'comprehension', range, variable, accumulator, ...parts } as const;
    const offset = this.#offset;
    return secondVariable === undefined ? { ...loop, offset } : { ...loop, secondVariable, offset };
  }
}

/** The names of the variables that come first among the arguments, or what is wrong with one. */
export function variableNames(
  args: readonly Expression[],
  problem = 'argument must be a simple name',
): readonly string[] | Issue {
  const names: string[] = [];
  for (const arg of args) {
    if (arg.kind !== 'identifier' || arg.name.startsWith('.')) {
      return { offset: arg.offset, message: problem };
    }
    if (names.includes(arg.name)) {
      return { offset: arg.offset, message: `duplicate variable name: ${arg.name}` };
    }
    if (arg.name === accumulatorName || arg.name === '__result__') {
      return { offset: arg.offset, message: 'iteration variable overwrites accumulator variable' };
    }
    names.push(arg.name);
  }
  return names;
}

export function isIssue(found: readonly string[] | Issue): found is Issue {
  return 'message' in found;
}
