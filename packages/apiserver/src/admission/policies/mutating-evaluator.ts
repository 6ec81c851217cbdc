import {
  type AdmissionEnvironments,
  Failure,
  jsonPatchType,
  listType,
  patchedObjectType,
} from '@fairway/cel';
import type { MutatingAdmissionPolicy } from '@fairway/kinds/admissionregistration/v1';
import type { KubernetesObject } from '@fairway/protocol';
import {
  type AdmissionExpression,
  CostBudget,
  OutOfBudget,
  evaluateExpression,
} from '../expressions/evaluate-expressions.ts';
import type { Matching } from '../expressions/match-conditions.ts';
import {
  type Mutated,
  MutationError,
  applyConfiguration,
  applyOperations,
} from './apply-mutation.ts';
import { PolicyExpressions, type PolicyInput } from './policy-expressions.ts';

/** Source: Kubernetes, apis/cel/config.go. */
const mutationCostMax = 10_000_000;

interface CompiledMutation {
  readonly expression: AdmissionExpression;
  readonly apply: typeof applyConfiguration;
}

/** A mutating policy, compiled once for its generation. */
export class MutatingEvaluator {
  readonly #expressions: PolicyExpressions;
  readonly #mutations: readonly CompiledMutation[];

  constructor({ spec = {} }: MutatingAdmissionPolicy, environments: AdmissionEnvironments) {
    const expressions = new PolicyExpressions(spec, environments);
    this.#expressions = expressions;
    this.#mutations = (spec.mutations ?? []).map(({ applyConfiguration: apply, jsonPatch }) => {
      const { expression = '' } = apply ?? jsonPatch ?? {};
      const asked = apply === undefined ? listType(jsonPatchType) : patchedObjectType;
      return {
        expression: expressions.compile(expression, [asked], { hasPatchTypes: true }),
        apply: apply === undefined ? applyOperations : applyConfiguration,
      };
    });
  }

  match(input: PolicyInput): Matching | Promise<Matching> {
    return this.#expressions.match(input);
  }

  /**
   * What the mutations make of the object, one after the other, and why some of them make nothing. Each sees
   * what those before it have left.
   */
  async mutate(
    input: PolicyInput,
    mutated: Mutated,
  ): Promise<{ readonly object: KubernetesObject; readonly problems: readonly string[] }> {
    const problems: string[] = [];
    let { object } = mutated;
    for (const mutation of this.#mutations) {
      try {
        object = await this.#mutate(mutation, input, { ...mutated, object });
      } catch (error) {
        if (!(error instanceof MutationError || error instanceof OutOfBudget)) throw error;
        problems.push(error.message);
      }
    }
    return { object, problems };
  }

  async #mutate(
    { expression, apply }: CompiledMutation,
    input: PolicyInput,
    mutated: Mutated,
  ): Promise<KubernetesObject> {
    const { oldObject, request } = input.view;
    const view = { object: mutated.object, oldObject, request };
    const result = await this.#expressions.evaluating(input, () => {
      const budget = new CostBudget(mutationCostMax);
      const variables = this.#expressions.variables({ ...input, view }, () => budget);
      return evaluateExpression(expression, variables, budget);
    });
    if (result instanceof Failure) throw new MutationError(result.message);
    const object = apply(result, mutated);
    if (object.kind === mutated.resource.kind) {
      mutated.resource.rules.applyDefaults?.(object as never);
    }
    return object;
  }
}
