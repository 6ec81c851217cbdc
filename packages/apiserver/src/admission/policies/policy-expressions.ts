import {
  type AdmissionEnvironments,
  type Environment,
  Failure,
  LazyMap,
  type PlainMap,
  type Type,
  variableType,
} from '@fairway/cel';
import type { Variable } from '@fairway/kinds/admissionregistration/v1';
import type { KubernetesObject } from '@fairway/protocol';
import {
  type AdmissionExpression,
  type CostBudget,
  type Variables,
  compileExpression,
  evaluateProgram,
} from '../expressions/evaluate-expressions.ts';
import { MatchConditions, type Matching } from '../expressions/match-conditions.ts';
import type { PolicyRequest, RequestView } from './policy-request.ts';

/** What expressions of policies of both kinds have in common. */
interface PolicySpec {
  readonly paramKind?: unknown;
  readonly matchConditions?: readonly { readonly expression: string }[];
  readonly variables?: readonly Variable[];
}

/** What a policy that is evaluated once looks at. */
export interface PolicyInput {
  readonly view: RequestView;
  readonly shared: PolicyRequest;
  readonly params: KubernetesObject | undefined;
  readonly namespace: PlainMap | null;
}

const matched: Matching = { kind: 'matched' };

const usesNoted = ['request', 'namespaceObject', 'authorizer', 'authorizer.requestResource'];

/** The expressions that come before all that a policy does, compiled once for its generation. */
export class PolicyExpressions {
  readonly #conditions: MatchConditions;
  readonly #environments: AdmissionEnvironments;
  readonly #hasParams: boolean;
  readonly #types: ReadonlyMap<string, Type> | undefined;
  readonly #variables: ReadonlyMap<string, AdmissionExpression>;
  /** What is made for a request only where some expression looks at it. */
  readonly #used = new Set<string>();

  constructor(spec: PolicySpec, environments: AdmissionEnvironments) {
    const { matchConditions = [], variables = [], paramKind } = spec;
    this.#environments = environments;
    this.#hasParams = Boolean(paramKind);
    const hasParams = this.#hasParams;
    this.#conditions = new MatchConditions(matchConditions, environments, { hasParams });
    const types = new Map<string, Type>();
    const compiled = new Map<string, AdmissionExpression>();
    for (const { name, expression } of variables) {
      const environment = this.#environment({ variables: new Map(types) });
      const variable = compileExpression(environment, expression, []);
      compiled.set(name, variable);
      this.#noteUse(variable);
      const { program } = variable;
      types.set(name, variableType(typeof program === 'string' ? undefined : program.type));
    }
    this.#variables = compiled;
    this.#types = variables.length === 0 ? undefined : types;
  }

  /** Compiles an expression that may name the variables. None asked: it may come to anything. */
  compile(
    text: string,
    asked: readonly Type[],
    scope: { readonly hasAuthorizer?: boolean; readonly hasPatchTypes?: boolean } = {},
  ): AdmissionExpression {
    const environment = this.#environment({ variables: this.#types, ...scope });
    const expression = compileExpression(environment, text, asked);
    this.#noteUse(expression);
    return expression;
  }

  get usesNamespace(): boolean {
    return this.#used.has('namespaceObject');
  }

  /** Whether the policy is for this request. */
  match({ view, params, shared }: PolicyInput): Matching | Promise<Matching> {
    if (this.#conditions.isEmpty) return matched;
    const { object, oldObject, request } = view;
    const { checks } = shared;
    return this.#conditions.match({ object, oldObject, request, checks, params });
  }

  /** Runs an evaluation of these expressions, which must have no other effects. */
  evaluating<Outcome>(
    { shared }: PolicyInput,
    evaluate: () => Outcome,
  ): Outcome | Promise<Outcome> {
    return this.#asksAuthorizer ? shared.checks.answering(evaluate) : evaluate();
  }

  get #asksAuthorizer(): boolean {
    return this.#used.has('authorizer') || this.#used.has('authorizer.requestResource');
  }

  #noteUse({ program }: AdmissionExpression): void {
    if (typeof program === 'string') return;
    for (const name of usesNoted) if (program.uses(name)) this.#used.add(name);
  }

  /** What the expressions of one evaluation may name; variables spend the budget of whoever asks first. */
  variables(input: PolicyInput, budget: () => CostBudget): Variables {
    const { view, params, namespace, shared } = input;
    const { object, oldObject } = view;
    const checks = this.#asksAuthorizer ? shared.checks : undefined;
    const variables: Record<string, Variables[string]> = {
      object: (object ?? null) as PlainMap | null,
      oldObject: (oldObject ?? null) as PlainMap | null,
      request: this.#used.has('request') ? view.request : null,
      params: (params ?? null) as PlainMap | null,
      namespaceObject: namespace,
      authorizer: checks?.authorizer ?? null,
      'authorizer.requestResource': checks?.requestResource ?? null,
    };
    if (this.#variables.size === 0) return variables;
    variables['variables'] = new LazyMap([...this.#variables.keys()], (name) => {
      const variable = this.#variables.get(name);
      if (variable === undefined) return undefined;
      const { program } = variable;
      const quoted = JSON.stringify(name);
      if (typeof program === 'string') {
        return new Failure(`composited variable ${quoted} fails to compile: ${program}`);
      }
      const result = evaluateProgram(program, variables, budget());
      if (!(result instanceof Failure)) return result;
      return new Failure(`composited variable ${quoted} fails to evaluate: ${result.message}`);
    });
    return variables;
  }

  #environment({
    variables,
    hasAuthorizer = true,
    hasPatchTypes = false,
  }: {
    readonly variables: ReadonlyMap<string, Type> | undefined;
    readonly hasAuthorizer?: boolean;
    readonly hasPatchTypes?: boolean;
  }): Environment {
    const hasParams = this.#hasParams;
    return this.#environments.of({ hasParams, hasAuthorizer, hasPatchTypes, variables });
  }
}
