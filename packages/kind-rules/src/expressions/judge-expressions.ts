import {
  AdmissionEnvironments,
  type Environment,
  type Type,
  boolType,
  compileAs,
  deviceEnvironment,
  deviceSelectorCostMax,
  deviceSizeAt,
  jsonPatchType,
  listType,
  nullType,
  patchedObjectType,
  stringType,
  typeText,
  variableType,
} from '@fairway/cel';
import { type FieldError, forbiddenField, invalidValue } from '@fairway/protocol';

import { FieldErrors } from '../field-checks.ts';
import type { ExpressionUse, WrittenExpression } from './written-expression.ts';

/**
 * All that is wrong with an object: what was found, and what its expressions say wrong, each where it
 * belongs. Pauses between expressions.
 */
export function* judgeExpressions(
  found: FieldErrors,
): Generator<undefined, readonly FieldError[], undefined> {
  const judge = new ExpressionJudge(found.expressions.map(({ expression }) => expression));
  const all = new FieldErrors();
  let passed = 0;
  for (const { expression, after } of found.expressions) {
    all.push(...found.slice(passed, after));
    passed = after;
    const error = judge.errorOf(expression);
    if (error !== undefined) all.push(error);
    yield;
  }
  all.push(...found.slice(passed));
  return all;
}

type PolicyUse = Exclude<ExpressionUse, 'deviceSelector'>;

interface PolicyContext {
  /** None: whatever it likes. */
  readonly asked: readonly Type[];
  readonly hasAuthorizer: boolean;
  readonly hasPatchTypes: boolean;
  /** Variables of the policy may be named. */
  readonly hasVariables: boolean;
}

const condition: PolicyContext = {
  asked: [boolType],
  hasAuthorizer: true,
  hasPatchTypes: false,
  hasVariables: true,
};

// Source: admissionregistration.k8s.io/v1, the descriptions of the fields; admissionregistration
// validation.
const policyContexts: Readonly<Record<PolicyUse, PolicyContext>> = {
  matchCondition: { ...condition, hasVariables: false },
  validation: condition,
  message: { ...condition, asked: [stringType], hasAuthorizer: false },
  auditValue: { ...condition, asked: [stringType, nullType] },
  variable: { ...condition, asked: [] },
  applyConfiguration: { ...condition, asked: [patchedObjectType], hasPatchTypes: true },
  jsonPatch: { ...condition, asked: [listType(jsonPatchType)], hasPatchTypes: true },
};

/** Judges the expressions of one object, in their order: a variable is known to those after it. */
class ExpressionJudge {
  readonly #admission = new AdmissionEnvironments();
  readonly #variables: Map<string, Type> | undefined;
  #devices: Environment | undefined;

  constructor(expressions: readonly WrittenExpression[]) {
    const hasVariables = expressions.some(({ use }) => use === 'variable');
    this.#variables = hasVariables ? new Map() : undefined;
  }

  errorOf(expression: WrittenExpression): FieldError | undefined {
    const { use } = expression;
    return use === 'deviceSelector'
      ? this.#judgeSelector(expression)
      : this.#judgePolicy(expression, policyContexts[use]);
  }

  #judgePolicy(
    { field, text, written = text, hasParams = false, name }: WrittenExpression,
    { asked, hasVariables, ...scope }: PolicyContext,
  ): FieldError | undefined {
    const variables = hasVariables ? this.#variables : undefined;
    const environment = this.#admission.of({ ...scope, hasParams, variables });
    const compiled = compileAs(environment, text, asked);
    if (name !== undefined) {
      const type = compiled.kind === 'compiled' ? compiled.program.type : undefined;
      this.#variables?.set(name, variableType(type));
    }
    if (compiled.kind === 'compiled') return undefined;
    return invalidValue(field, written, compiled.problem);
  }

  /** What a selector comes to may also be unknown: an attribute. */
  #judgeSelector({ field, text }: WrittenExpression): FieldError | undefined {
    this.#devices ??= deviceEnvironment();
    const compiled = compileAs(this.#devices, text, []);
    if (compiled.kind === 'refused') return invalidValue(field, text, compiled.problem);
    const { type } = compiled.program;
    if (type !== undefined && type.kind !== 'bool' && type.kind !== 'dyn') {
      const problem = `must evaluate to bool or the unknown type, not ${typeText(type)}`;
      return invalidValue(field, text, problem);
    }
    const { max } = compiled.program.estimate(deviceSizeAt);
    return max > deviceSelectorCostMax
      ? forbiddenField(field, 'too complex, exceeds cost limit')
      : undefined;
  }
}
