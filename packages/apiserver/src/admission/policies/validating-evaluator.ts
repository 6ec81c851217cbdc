import {
  type AdmissionEnvironments,
  Failure,
  type Result,
  boolType,
  nullType,
  stringType,
} from '@fairway/cel';
import type { ValidatingAdmissionPolicy } from '@fairway/kinds/admissionregistration/v1';
import {
  type AdmissionExpression,
  CostBudget,
  OutOfBudget,
  type Variables,
  evaluateExpression,
} from '../expressions/evaluate-expressions.ts';
import { PolicyExpressions, type PolicyInput } from './policy-expressions.ts';

/** Source: Kubernetes, apis/cel/config.go. */
const policyCostMax = 10_000_000;
const messageBytesMax = 5 * 1024;
const annotationBytesMax = 10 * 1024;

/** Why a policy is against a request; which of its validations says so, counted from the first. */
export interface Denial {
  readonly index: number;
  readonly message: string;
  readonly reason: string;
}

/** What one policy with one set of parameters says. */
export interface PolicyVerdict {
  readonly denials: readonly Denial[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
  /** Annotations without a value, which are denials whatever the binding wants. */
  readonly annotationErrors: readonly string[];
}

interface CompiledValidation {
  readonly expression: AdmissionExpression;
  readonly messageExpression: AdmissionExpression | undefined;
  readonly message: string;
  readonly reason: string;
}

const silent: PolicyVerdict = { denials: [], annotations: [], annotationErrors: [] };

/**
 * A validating policy, compiled once for its generation. Source: Kubernetes,
 * admission/plugin/policy/validating/validator.go.
 */
export class ValidatingEvaluator {
  readonly #expressions: PolicyExpressions;
  readonly #validations: readonly CompiledValidation[];
  readonly #annotations: readonly { readonly key: string; readonly value: AdmissionExpression }[];
  /** Errors deny. */
  readonly #isStrict: boolean;

  constructor({ spec = {} }: ValidatingAdmissionPolicy, environments: AdmissionEnvironments) {
    const { validations = [], auditAnnotations = [], failurePolicy } = spec;
    const expressions = new PolicyExpressions(spec, environments);
    this.#expressions = expressions;
    this.#isStrict = failurePolicy !== 'Ignore';
    this.#validations = validations.map(
      ({ expression, messageExpression = '', message = '', reason = 'Invalid' }) => ({
        expression: expressions.compile(expression, [boolType]),
        messageExpression:
          messageExpression === ''
            ? undefined
            : expressions.compile(messageExpression, [stringType], { hasAuthorizer: false }),
        message: message.trim(),
        reason,
      }),
    );
    this.#annotations = auditAnnotations.map(({ key, valueExpression }) => ({
      key,
      value: expressions.compile(valueExpression, [stringType, nullType]),
    }));
  }

  /** Whether it has to know the namespace. */
  get usesNamespace(): boolean {
    return this.#expressions.usesNamespace;
  }

  async evaluate(input: PolicyInput): Promise<PolicyVerdict> {
    const answer = this.#expressions.match(input);
    const matching = answer instanceof Promise ? await answer : answer;
    if (matching.kind === 'unmatched') return silent;
    if (matching.kind === 'failed') return this.#failed(matching.why);
    return this.#expressions.evaluating(input, () => this.#evaluate(input));
  }

  #evaluate(input: PolicyInput): PolicyVerdict {
    let budget = new CostBudget(policyCostMax);
    const variables = this.#expressions.variables(input, () => budget);
    try {
      const results = this.#validations.map(({ expression }) =>
        evaluateExpression(expression, variables, budget),
      );
      const denials = results.flatMap((result, index) =>
        this.#judge(result, index, { variables, budget }),
      );
      if (this.#annotations.length === 0)
        return denials.length === 0 ? silent : { ...silent, denials };
      budget = new CostBudget(policyCostMax);
      return { denials, ...this.#annotate(variables, budget) };
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      return this.#failed(error.message);
    }
  }

  /** The failure policy decides. */
  #failed(message: string): PolicyVerdict {
    return this.#isStrict
      ? { ...silent, denials: [{ index: 0, message, reason: 'Invalid' }] }
      : silent;
  }

  #judge(result: Result, index: number, context: MessageContext): readonly Denial[] {
    if (result === true) return [];
    if (result instanceof Failure) {
      return this.#isStrict ? [{ index, message: result.message, reason: 'Invalid' }] : [];
    }
    const validation = this.#validations[index] as CompiledValidation;
    try {
      const { reason } = validation;
      return [{ index, message: messageOf(validation, context), reason }];
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      const message = `failed messageExpression: ${error.message}`;
      return this.#isStrict ? [{ index, message, reason: 'Invalid' }] : [];
    }
  }

  #annotate(variables: Variables, budget: CostBudget): Omit<PolicyVerdict, 'denials'> {
    const annotations: { key: string; value: string }[] = [];
    const annotationErrors: string[] = [];
    for (const { key, value: expression } of this.#annotations) {
      const result = evaluateExpression(expression, variables, budget);
      if (result instanceof Failure) {
        if (this.#isStrict) annotationErrors.push(result.message);
        continue;
      }
      const value = typeof result === 'string' ? cutOff(result.trim(), annotationBytesMax) : '';
      if (value !== '') annotations.push({ key, value });
    }
    return { annotations, annotationErrors };
  }
}

interface MessageContext {
  readonly variables: Variables;
  readonly budget: CostBudget;
}

/** One that cannot be evaluated, or is too long or has several lines, is passed over. */
function messageOf(
  { expression, messageExpression, message }: CompiledValidation,
  { variables, budget }: MessageContext,
): string {
  const result = messageExpression && evaluateExpression(messageExpression, variables, budget);
  const said = typeof result === 'string' ? result.trim() : '';
  const isFit = said !== '' && !said.includes('\n') && Buffer.byteLength(said) <= messageBytesMax;
  if (isFit) return said;
  return message === '' ? `failed expression: ${expression.text.trim()}` : message;
}

function cutOff(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= bytesMax ? text : bytes.subarray(0, bytesMax).toString();
}
