import { type Expression, partsOf } from '../expression.ts';
import type { Issue } from '../issue.ts';
import { compilePattern } from '../patterns/compile-pattern.ts';
import { parseDuration, parseTimestamp } from '../values/time.ts';
import { Failure } from '../values/value.ts';
import type { Checked } from './checking.ts';

/** Looks at an expression whose types fit. */
export type Validator = (expression: Expression, checked: Checked) => readonly Issue[];

/**
 * Finds literals that can never be what a function takes them for: `duration('1')`. Source: cel-go,
 * cel/validator.go.
 */
export function validateLiterals(expression: Expression): readonly Issue[] {
  const issues: Issue[] = [];
  for (const each of nodesOf(expression)) {
    if (each.kind !== 'call') continue;
    const argument = each.arguments.at(-1);
    if (argument?.kind !== 'literal' || typeof argument.value !== 'string') continue;
    if (checks.get(each.name)?.(argument.value) !== false) continue;
    issues.push({ offset: argument.offset, message: `invalid ${each.name} argument` });
  }
  return issues;
}

const checks: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['duration', (text) => parseDuration(text) !== undefined],
  ['timestamp', isTimestamp],
  ['matches', (text) => compilePattern(text).kind === 'compiled'],
]);

function isTimestamp(text: string): boolean {
  const parsed = parseTimestamp(text);
  return parsed !== undefined && !(parsed instanceof Failure);
}

function* nodesOf(expression: Expression): Generator<Expression> {
  yield expression;
  for (const part of partsOf(expression)) yield* nodesOf(part);
}
