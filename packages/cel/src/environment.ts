import { check } from './check/check.ts';
import type { Checked } from './check/checking.ts';
import type { Declared, Identity } from './check/declared.ts';
import { type Validator } from './check/validators.ts';
import { compile } from './compile/compile.ts';
import { estimateCost } from './cost/estimate-cost.ts';
import type { SizeAt } from './cost/known-sizes.ts';
import { type Estimate, unknown } from './cost/estimates.ts';
import { Frame } from './compile/frame.ts';
import type { FunctionDeclaration, Library } from './declarations.ts';
import type { Expression } from './expression.ts';
import { type Issue, describeIssues } from './issue.ts';
import { type Limits, costPerCallMax, defaultLimits } from './limits.ts';
import type { Macro } from './macros/macro.ts';
import type { Effort } from './patterns/effort.ts';
import { macroKey } from './syntax/node-maker.ts';
import { type Parsed, parse } from './syntax/parser.ts';
import type { Type } from './type.ts';
import { Failure, type Result, type Value } from './values/value.ts';

export interface EnvironmentOptions {
  readonly libraries: readonly Library[];
  /** The names that an expression may use, besides those of the libraries. */
  readonly variables?: Readonly<Record<string, Type>>;
  /** Where names are looked for first: `a.b`. */
  readonly container?: string;
  /** What else an expression must satisfy once its types are known. */
  readonly validators?: readonly Validator[];
  readonly limits?: Limits;
  /** Fields may be named ``m.`a-b` ``, which Kubernetes does not have. */
  readonly allowsQuotedNames?: boolean;
}

/** What came of an expression. */
export type Compilation = {
  /** How large the expression is, macros expanded; none of it is counted when it is malformed. */
  readonly nodes: number;
} & (
  | { readonly kind: 'compiled'; readonly program: Program }
  /** `problem` is what cel-go says: where, and what is wrong. */
  | { readonly kind: 'refused'; readonly problem: string }
);

/** What came of an evaluation, and what it cost. */
export interface Evaluation {
  readonly result: Result;
  readonly cost: number;
}

/** What an evaluation may do. */
export interface EvaluationBounds {
  readonly costMax?: number;
  /** Shared by evaluations whose regular expressions are bounded together; absent: each has its own. */
  readonly matching?: Effort;
}

/** An expression, ready to be evaluated. */
export class Program {
  readonly expression: Expression;
  readonly checked: Checked | undefined;
  /** What it evaluates to. */
  readonly type: Type | undefined;
  readonly #run: (frame: Frame) => Result;
  readonly #variables: readonly string[];
  readonly #slotCount: number;

  constructor(expression: Expression, { declared, variables, checked }: ProgramParts) {
    this.expression = expression;
    this.checked = checked;
    this.type = checked?.types.get(expression);
    const compiled = compile(expression, declared, variables, checked);
    this.#run = compiled.run;
    this.#slotCount = compiled.slotCount;
    this.#variables = variables;
  }

  /** True when it looks at this variable. */
  uses(variable: string): boolean {
    const identities = this.checked?.identities.values() ?? [];
    return [...identities].some(({ name }) => name === variable);
  }

  /** What evaluating it may cost, by how large its variables may be. */
  estimate(sizeAt: SizeAt): Estimate {
    if (this.checked === undefined) return unknown;
    return estimateCost(this.expression, this.checked, sizeAt);
  }

  /** Evaluates it with these variables. Throws `CostExceeded` when that costs more than it may. */
  evaluate(
    variables: Readonly<Record<string, Value>>,
    { costMax = costPerCallMax, matching }: EvaluationBounds = {},
  ): Evaluation {
    const slots = new Array<Result>(this.#slotCount);
    for (let slot = 0; slot < this.#variables.length; slot++) {
      const name = this.#variables[slot] as string;
      const value = variables[name];
      slots[slot] = value === undefined ? new Failure(`no such attribute(s): ${name}`) : value;
    }
    const frame = new Frame(slots, costMax, matching);
    const result = this.#run(frame);
    return { result, cost: frame.cost };
  }
}

interface ProgramParts {
  readonly declared: Declared;
  readonly variables: readonly string[];
  readonly checked: Checked | undefined;
}

/**
 * What expressions may use: functions, macros, types and variables. Environments do not change; one with
 * more variables is made of another.
 */
export class Environment {
  readonly #options: EnvironmentOptions;
  readonly #shared: Shared;
  readonly #declared: Declared;

  constructor(options: EnvironmentOptions, shared: Shared = shareLibraries(options.libraries)) {
    this.#options = options;
    this.#shared = shared;
    const { container = '', variables = {} } = options;
    const identities = new Map(shared.identities);
    for (const [name, type] of Object.entries(variables)) identities.set(name, { name, type });
    const { functions, messageType } = shared;
    this.#declared = { container, functions, identities, messageType };
  }

  /** The same with more libraries. */
  withLibraries(...libraries: readonly Library[]): Environment {
    const all = [...this.#options.libraries, ...libraries];
    return new Environment({ ...this.#options, libraries: all });
  }

  /** The same with these variables and no others. */
  withVariables(variables: Readonly<Record<string, Type>>): Environment {
    return new Environment({ ...this.#options, variables }, this.#shared);
  }

  /** Reads, checks and compiles an expression. */
  compile(text: string): Compilation {
    const parsed = this.#parse(text);
    if (parsed.kind === 'malformed') return refused(parsed.issues, text, 0);
    const { expression, nodes } = parsed;
    const checked = check(expression, this.#declared);
    const { validators = [] } = this.#options;
    const issues =
      checked.issues.length > 0
        ? checked.issues
        : validators.flatMap((validate) => validate(expression, checked));
    if (issues.length > 0) return refused(issues, text, nodes);
    return { kind: 'compiled', program: this.#program(expression, checked), nodes };
  }

  /** The same without a look at types: what does not fit fails when it is evaluated. */
  compileUnchecked(text: string): Compilation {
    const parsed = this.#parse(text);
    if (parsed.kind === 'malformed') return refused(parsed.issues, text, 0);
    const { expression, nodes } = parsed;
    return { kind: 'compiled', program: this.#program(expression, undefined), nodes };
  }

  #parse(text: string): Parsed {
    const { limits = defaultLimits, allowsQuotedNames = false } = this.#options;
    return parse(text, { macros: this.#shared.macros, limits, allowsQuotedNames });
  }

  #program(expression: Expression, checked: Checked | undefined): Program {
    const variables = Object.keys(this.#options.variables ?? {});
    return new Program(expression, { declared: this.#declared, variables, checked });
  }
}

function refused(issues: readonly Issue[], text: string, nodes: number): Compilation {
  return { kind: 'refused', problem: describeIssues(issues, text), nodes };
}

/** What environments with the same libraries have in common. */
interface Shared {
  readonly macros: ReadonlyMap<string, Macro>;
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  /** The types that an expression may name. */
  readonly identities: ReadonlyMap<string, Identity>;
  readonly messageType: Declared['messageType'];
}

function shareLibraries(libraries: readonly Library[]): Shared {
  const macros = libraries.flatMap(({ macros = [] }) => macros);
  const types = libraries.flatMap(({ types = [] }) => types);
  return {
    macros: new Map(
      macros.map((each) => [macroKey(each.name, each.argumentCount, each.isMember), each]),
    ),
    functions: joinFunctions(libraries),
    identities: new Map(
      types.map(({ name, type, value }) => [name, { name, type, constant: value }]),
    ),
    messageType: (name) => {
      for (const { messageType } of libraries) {
        const found = messageType?.(name);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** Libraries may add overloads to a function of another one. */
function joinFunctions(libraries: readonly Library[]): ReadonlyMap<string, FunctionDeclaration> {
  const joined = new Map<string, FunctionDeclaration>();
  for (const { name, overloads } of libraries.flatMap(({ functions }) => functions)) {
    const before = joined.get(name)?.overloads ?? [];
    joined.set(name, { name, overloads: [...before, ...overloads] });
  }
  return joined;
}
