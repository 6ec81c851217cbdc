import type { OpenApiSchema } from '@fairway/kinds/schema';

/** One of `x-kubernetes-validations`. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** The rules of a schema as its author wrote them; what is of another type says nothing. */
export function rulesOf(schema: OpenApiSchema): readonly ValidationRule[] {
  const written = schema['x-kubernetes-validations'];
  if (!Array.isArray(written)) return [];
  return (written as Readonly<Record<string, unknown>>[]).map((each) => ({
    rule: typeof each['rule'] === 'string' ? each['rule'] : '',
    ...textOf(each, 'message'),
    ...textOf(each, 'messageExpression'),
    ...textOf(each, 'reason'),
    ...textOf(each, 'fieldPath'),
    ...(typeof each['optionalOldSelf'] === 'boolean'
      ? { optionalOldSelf: each['optionalOldSelf'] }
      : {}),
  }));
}

type Texts = 'message' | 'messageExpression' | 'reason' | 'fieldPath';

function textOf(
  written: Readonly<Record<string, unknown>>,
  name: Texts,
): Partial<Record<Texts, string>> {
  const value = written[name];
  return typeof value === 'string' ? { [name]: value } : {};
}

/** The rule as Go prints it within an error. */
export function ruleAsGo(rule: ValidationRule): unknown {
  return {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}
