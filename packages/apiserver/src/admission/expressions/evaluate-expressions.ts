import {
  CostExceeded,
  type Environment,
  Failure,
  type Program,
  type Result,
  type Type,
  type Value,
  compileAs,
  costPerCallMax,
} from '@fairway/cel';

/** An expression of a policy or webhook, compiled once for all requests. */
export interface AdmissionExpression {
  readonly text: string;
  /** Or in words why it could not be compiled. */
  readonly program: Program | string;
}

/** Compiles an expression that must come to one of these types; none: to whatever it likes. */
export function compileExpression(
  environment: Environment,
  text: string,
  asked: readonly Type[],
): AdmissionExpression {
  const compiled = compileAs(environment, text, asked);
  return { text, program: compiled.kind === 'compiled' ? compiled.program : compiled.problem };
}

/** What expressions may name, by their names. */
export type Variables = Readonly<Record<string, Value>>;

/** What expressions that are bounded together may cost. */
export class CostBudget {
  #left: number;

  constructor(costMax: number) {
    this.#left = costMax;
  }

  /** Throws `OutOfBudget`. */
  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw new OutOfBudget();
  }
}

/** Nothing else of the same budget is evaluated. Source: Kubernetes, admission/plugin/cel/activation.go. */
export class OutOfBudget extends Error {
  constructor() {
    super(
      'validation failed due to running out of cost budget, no further validation rules will be run',
    );
  }
}

/**
 * What an expression comes to, or why to nothing, in the words of Kubernetes.
 *
 * Errors: `OutOfBudget`.
 */
export function evaluateExpression(
  { text, program }: AdmissionExpression,
  variables: Variables,
  budget: CostBudget,
): Result {
  if (typeof program === 'string') return new Failure(`compilation error: ${program}`);
  const result = evaluateProgram(program, variables, budget);
  if (!(result instanceof Failure)) return result;
  return new Failure(`expression '${text}' resulted in error: ${result.message}`);
}

/**
 * The same without words about the expression.
 *
 * Errors: `OutOfBudget`.
 */
export function evaluateProgram(
  program: Program,
  variables: Variables,
  budget: CostBudget,
): Result {
  try {
    const { result, cost } = program.evaluate(variables);
    budget.spend(cost);
    return result;
  } catch (error) {
    if (!(error instanceof CostExceeded)) throw error;
    budget.spend(costPerCallMax);
    return new Failure(error.message);
  }
}
