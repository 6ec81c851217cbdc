import { joinErrors } from '@fairway/access';
import { type AdmissionEnvironments, Failure, type PlainMap, boolType } from '@fairway/cel';
import type { KubernetesObject } from '@fairway/protocol';
import type { AuthorizerChecks } from './authorizer-checks.ts';
import {
  type AdmissionExpression,
  CostBudget,
  OutOfBudget,
  type Variables,
  compileExpression,
  evaluateExpression,
} from './evaluate-expressions.ts';

/** What match conditions look at. */
export interface ConditionInput {
  /** In the version in which the webhook or policy sees it; absent where there is none. */
  readonly object?: KubernetesObject | undefined;
  readonly oldObject?: KubernetesObject | undefined;
  /** Made by `requestVariable`. */
  readonly request: PlainMap;
  /** Shared by those that are to ask each question once: all policies of a request, the conditions of one webhook. */
  readonly checks: AuthorizerChecks;
  /** Of a policy with parameters. */
  readonly params?: KubernetesObject | undefined;
}

/** What the failure policy decides about is `failed`; the others are final. */
export type Matching =
  | { readonly kind: 'matched' | 'unmatched' }
  | { readonly kind: 'failed'; readonly why: string };

const matched: Matching = { kind: 'matched' };
const unmatched: Matching = { kind: 'unmatched' };

/** All conditions of one webhook or policy. Source: `RuntimeCELCostBudgetMatchConditions`. */
const conditionsCostMax = 2_500_000;

/**
 * The match conditions of a webhook or policy, compiled once for all requests. Source: Kubernetes,
 * admission/plugin/webhook/matchconditions.
 */
export class MatchConditions {
  readonly #conditions: readonly AdmissionExpression[];

  constructor(
    conditions: readonly { readonly expression: string }[],
    environments: AdmissionEnvironments,
    { hasParams = false }: { readonly hasParams?: boolean } = {},
  ) {
    const environment = environments.of({
      hasParams,
      hasAuthorizer: true,
      hasPatchTypes: false,
      variables: undefined,
    });
    this.#conditions = conditions.map(({ expression }) =>
      compileExpression(environment, expression, [boolType]),
    );
  }

  get isEmpty(): boolean {
    return this.#conditions.length === 0;
  }

  /**
   * Matched when all hold. One that does not is enough for unmatched, also where others have no
   * value; else those decide that it failed.
   */
  async match(input: ConditionInput): Promise<Matching> {
    if (this.isEmpty) return matched;
    const variables = conditionVariables(input);
    return input.checks.answering(() => this.#match(variables));
  }

  #match(variables: Variables): Matching {
    const budget = new CostBudget(conditionsCostMax);
    const errors: string[] = [];
    let isFalse = false;
    try {
      for (const condition of this.#conditions) {
        const result = evaluateExpression(condition, variables, budget);
        if (result instanceof Failure) errors.push(result.message);
        else isFalse ||= result !== true;
      }
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      return { kind: 'failed', why: error.message };
    }
    if (isFalse) return unmatched;
    return errors.length === 0 ? matched : { kind: 'failed', why: joinErrors(errors) };
  }
}

/** The namespace is not among them. */
function conditionVariables(input: ConditionInput): Variables {
  const { object, oldObject, request, checks, params } = input;
  return {
    object: (object ?? null) as PlainMap | null,
    oldObject: (oldObject ?? null) as PlainMap | null,
    params: (params ?? null) as PlainMap | null,
    request,
    namespaceObject: null,
    authorizer: checks.authorizer,
    'authorizer.requestResource': checks.requestResource,
  };
}
