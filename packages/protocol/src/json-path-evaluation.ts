import type {
  JsonPathFilter,
  JsonPathOperand,
  JsonPathOperator,
  JsonPathStep,
} from './json-path-template.ts';
import { JsonPathError } from './json-path-error.ts';

/** The most values that an expression may yield; repeated `..` would yield any number. */
const valuesMax = 1_000_000;

/** The values that a path leads to; what is not there is left out. Errors: `JsonPathError`. */
export function evaluateJsonPath(
  steps: readonly JsonPathStep[],
  value: unknown,
): readonly unknown[] {
  let values: readonly unknown[] = [value];
  for (const step of steps) values = takeFromEach(step, values);
  return values;
}

function takeFromEach(step: JsonPathStep, values: readonly unknown[]): readonly unknown[] {
  const taken: unknown[] = [];
  for (const value of values) {
    for (const each of take(step, value)) taken.push(each);
    if (taken.length > valuesMax) {
      throw new JsonPathError(`the JSONPath leads to more than ${valuesMax} values`);
    }
  }
  return taken;
}

function take(step: JsonPathStep, value: unknown): readonly unknown[] {
  switch (step.kind) {
    case 'field':
      return isMap(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'all':
      return childrenOf(value);
    case 'descend':
      return descendantsOf(value);
    case 'slice':
      return slice(step, value);
    case 'union':
      return step.parts.flatMap((part) => take(part, value));
    case 'filter':
      if (!Array.isArray(value)) return [];
      return value.filter((each) => passes(step.filter, each));
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// In the order of the keys, because the order of an object says nothing.
function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isMap(value)) return [];
  return Object.keys(value)
    .sort()
    .map((key) => value[key]);
}

function descendantsOf(value: unknown): readonly unknown[] {
  const found: unknown[] = [];
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    found.push(next);
    for (const child of childrenOf(next).toReversed()) waiting.push(child);
  }
  return found;
}

function slice(
  { start, end, step = 1, isIndex }: Extract<JsonPathStep, { kind: 'slice' }>,
  value: unknown,
): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) {
    throw new JsonPathError('the JSONPath takes an element of what is no list');
  }
  const { length } = value;
  if (isIndex) {
    const index = fromEnd(start ?? 0, length);
    if (index < 0 || index >= length) throw outOfBounds(start ?? 0, length);
    return [value[index]];
  }
  if (step <= 0) throw new JsonPathError('the JSONPath has a slice with a step below 1');
  const first = Math.max(0, fromEnd(start ?? 0, length));
  const last = Math.min(length, fromEnd(end ?? length, length));
  const taken: unknown[] = [];
  for (let index = first; index < last; index += step) taken.push(value[index]);
  return taken;
}

function fromEnd(index: number, length: number): number {
  return index < 0 ? index + length : index;
}

function outOfBounds(index: number, length: number): JsonPathError {
  return new JsonPathError(`array index out of bounds: index ${index}, length ${length}`);
}

function passes(filter: JsonPathFilter, value: unknown): boolean {
  if (filter.kind === 'exists') return operandValues(filter.operand, value).length > 0;
  const lefts = operandValues(filter.left, value);
  const rights = operandValues(filter.right, value);
  if (lefts.length > 1 || rights.length > 1) {
    throw new JsonPathError('the JSONPath compares several values at once');
  }
  if (lefts.length === 0 || rights.length === 0) return false;
  return compare(lefts[0], filter.operator, rights[0]);
}

function operandValues(operand: JsonPathOperand, value: unknown): readonly unknown[] {
  return operand.kind === 'literal' ? [operand.value] : evaluateJsonPath(operand.steps, value);
}

function compare(left: unknown, operator: JsonPathOperator, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (!isOrdered(left) || !isOrdered(right) || isText(left) !== isText(right)) return false;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function isOrdered(value: unknown): value is string | number | bigint {
  return ['string', 'number', 'bigint'].includes(typeof value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
