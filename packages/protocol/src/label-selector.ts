import { ApiError, badRequest } from './api-error.ts';
import type { LabelRequirement } from './label-requirement.ts';
import { readRequirements } from './label-selector-grammar.ts';
import { checkLabelKey, checkLabelValue } from './object-name.ts';

/** All requirements must hold; none at all selects everything. In the order of their keys. */
export type LabelSelector = readonly LabelRequirement[];

/** A selector as objects hold it. Source: meta/v1 LabelSelector. */
export interface LabelSelectorObject {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/**
 * Reads `app=web,tier!=db,env in (a,b),zone notin (x),gpu,!old`.
 *
 * Errors: a BadRequest `ApiError` in the API's words.
 * Source: Kubernetes documentation, labels and selectors.
 */
export function parseLabelSelector(text: string): LabelSelector {
  return readRequirements(text).map(checkRequirement).sort(byKey);
}

/** Reads the form that objects hold; the empty one selects everything. Errors: as above. */
export function parseLabelSelectorObject(selector: LabelSelectorObject): LabelSelector {
  const labels = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): LabelRequirement => ({ key, operator: '=', values: [value] }),
  );
  const expressions = (selector.matchExpressions ?? []).map((expression): LabelRequirement => {
    const operator = operatorsOfObjects.get(expression.operator);
    if (operator === undefined) {
      const quoted = JSON.stringify(expression.operator);
      throw badRequest(`${quoted} is not a valid label selector operator`);
    }
    return { key: expression.key, operator, values: ascending(expression.values ?? []) };
  });
  return [...labels, ...expressions].map(checkRequirement).sort(byKey);
}

/**
 * A selector as an object holds it; undefined, which selects nothing, where there is none. The API
 * refuses what cannot be read, so that one which cannot was there before its rules: nothing too.
 */
export function writtenSelector(
  selector: LabelSelectorObject | undefined,
): LabelSelector | undefined {
  if (selector === undefined) return undefined;
  try {
    return parseLabelSelectorObject(selector);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** Writes a selector so that `parseLabelSelector` reads the same one. */
export function formatLabelSelector(selector: LabelSelector): string {
  return selector.map(formatRequirement).join(',');
}

/** Tells whether an object with these labels is selected. */
export function matchesLabelSelector(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return selector.every((requirement) => {
    const isSet = labels !== undefined && Object.hasOwn(labels, requirement.key);
    return holds(requirement, isSet ? labels[requirement.key] : undefined);
  });
}

const operatorsOfObjects: ReadonlyMap<string, LabelRequirement['operator']> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', 'absent'],
]);

function holds({ operator, values }: LabelRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'in':
    case '=':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case '>':
      return compareIntegers(value, values[0], (left, right) => left > right);
    case '<':
      return compareIntegers(value, values[0], (left, right) => left < right);
  }
}

function compareIntegers(
  value: string | undefined,
  bound: string | undefined,
  compare: (left: bigint, right: bigint) => boolean,
): boolean {
  if (value === undefined || bound === undefined || !isInteger(value)) return false;
  return compare(BigInt(value), BigInt(bound));
}

/** Also keeps BigInt from long texts, which it reads in quadratic time. */
function isInteger(text: string): boolean {
  return /^-?[0-9]{1,19}$/.test(text);
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case 'absent':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    default:
      return `${key}${operator}${values.join('')}`;
  }
}

function checkRequirement(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  const keyProblem = checkLabelKey(key);
  if (keyProblem !== undefined) throw refuse(`key: Invalid value: ${quote(key)}: ${keyProblem}`);
  if ((operator === 'in' || operator === 'notin') && values.length === 0) {
    throw refuse(
      "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
    );
  }
  if ((operator === 'exists' || operator === 'absent') && values.length > 0) {
    const problem = 'values set must be empty for exists and does not exist';
    throw refuse(`values: Invalid value: ${JSON.stringify(values)}: ${problem}`);
  }
  for (const [index, value] of values.entries()) {
    if ((operator === '>' || operator === '<') && !isInteger(value)) {
      const problem = "for 'Gt', 'Lt' operators, the value must be an integer";
      throw refuse(`values[${index}]: Invalid value: ${quote(value)}: ${problem}`);
    }
    const problem = checkLabelValue(value);
    if (problem !== undefined) {
      throw refuse(`values[${index}][${key}]: Invalid value: ${quote(value)}: ${problem}`);
    }
  }
  return requirement;
}

function refuse(problem: string): Error {
  return badRequest(`unable to parse requirement: ${problem}`);
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function byKey(left: LabelRequirement, right: LabelRequirement): number {
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}

function ascending(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
