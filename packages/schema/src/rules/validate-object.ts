import type { FieldError, Schema } from '@fairway/protocol';
import type { PlacedValue } from '../judgement.ts';
import { validateValue } from '../validate-value.ts';
import type { Walk } from '../walk.ts';
import { keepsFromRules, rulesNotChecked } from './rule-errors.ts';
import type { RuleNode } from './rule-tree.ts';
import { type RuleFindings, validateRules } from './validate-rules.ts';

/**
 * All that is wrong with an object by its schema and by the rules of it. The rules are left out when a
 * wrong type, a missing field or a size would make them fail for that alone.
 */
export function* validateObject(
  object: PlacedValue,
  schema: Schema,
  rules: RuleNode,
): Walk<RuleFindings> {
  const errors: readonly FieldError[] = yield* validateValue(object, schema);
  if (errors.some(keepsFromRules)) return { errors: [...errors, rulesNotChecked], warnings: [] };
  const found = yield* validateRules(object, rules);
  return { errors: [...errors, ...found.errors], warnings: found.warnings };
}
