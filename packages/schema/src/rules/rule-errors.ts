import {
  type FieldError,
  duplicate,
  forbiddenField,
  invalidValue,
  required,
} from '@fairway/protocol';
import { type PlacedValue, fieldAt, noField } from '../judgement.ts';
import { readFieldPath } from './field-path.ts';
import type { RuleNode } from './rule-tree.ts';
import type { ValidationRule } from './validation-rule.ts';

/** A rule, and the value that it is held against. */
export interface RulePlace {
  readonly rule: ValidationRule;
  readonly placed: PlacedValue;
  readonly node: RuleNode;
}

/** A longer message than an expression may make is not used. Source: Kubernetes, apis/cel. */
const messageBytesMax = 5_120;

/** The schema has found so much wrong that rules would fail for that alone. */
export const rulesNotChecked: FieldError = invalidValue(
  noField,
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

/** True of what would make rules fail beside: a type, a missing field, a size. */
export function keepsFromRules({ reason }: FieldError): boolean {
  return reason !== 'FieldValueInvalid' && reason !== 'FieldValueDuplicate';
}

/** A rule came to no answer. */
export function failedRule({ rule, placed, node }: RulePlace, problem: string): FieldError {
  const name = rule.message?.trim() ? rule.message : rule.rule;
  return invalidValue(fieldAt(placed.path), node.schema['type'] ?? '', describe(problem, name));
}

function describe(problem: string, name: string): string {
  if (problem.startsWith('rule compile error')) return problem;
  if (problem.startsWith('no such overload')) {
    return `${problem}: call arguments did not match a supported operator, function or macro signature for rule: ${name}`;
  }
  return problem.startsWith('operation cancelled')
    ? `${problem}: no further validation rules will be run due to call cost exceeds limit for rule: ${name}`
    : `${problem} evaluating rule: ${name}`;
}

/** The rules before have cost all that the rules of one object may. */
export function spentBudget({ placed, node }: RulePlace): FieldError {
  const text =
    'validation failed due to running out of cost budget, no further validation rules will be run';
  return invalidValue(fieldAt(placed.path), node.schema['type'] ?? '', text);
}

/** A rule does not hold. `made` is what its message expression came to. */
export function brokenRule({ rule, placed, node }: RulePlace, made: string): FieldError {
  const text = messageOf(rule, made);
  const inner = rule.fieldPath && readFieldPath(rule.fieldPath.trim(), node.schema);
  const field = inner ? `${placed.path}${inner}`.replace(/^\./, '') : fieldAt(placed.path);
  const value = typeof placed.value === 'object' ? undefined : placed.value;
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbiddenField(field, text);
    case 'FieldValueRequired':
      return required(field, text);
    case 'FieldValueDuplicate':
      return duplicate(field, value);
    default:
      return invalidValue(field, value, text);
  }
}

/** What its expression made, or what its author wrote, or the rule itself. */
function messageOf({ rule, message = '' }: ValidationRule, made: string): string {
  const own = made.trim();
  const isFit = own !== '' && !own.includes('\n') && Buffer.byteLength(own) <= messageBytesMax;
  if (isFit) return own;
  return message.trim() === '' ? `failed rule: ${rule.trim()}` : message.trim();
}
