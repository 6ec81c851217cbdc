import type { Comprehension, Expression } from '../expression.ts';
import { type Type, boolType, dynType, errorType, intType, isDynOrError } from '../type.ts';
import type { Checking } from './checking.ts';

export function checkComprehension(checking: Checking, loop: Comprehension): Type {
  const range = checking.substitutions.resolve(checking.check(loop.range), false);
  const accumulatorType = checking.check(loop.initial);
  const [first, second] = variableTypes(checking, loop, range);
  checking.scopes.push({ name: loop.accumulator, type: accumulatorType });
  const variables = [{ name: loop.variable, type: first }];
  if (loop.secondVariable !== undefined) {
    variables.push({ name: loop.secondVariable, type: second });
  }
  checking.scopes.push(...variables);
  assert(checking, loop.condition, boolType);
  assert(checking, loop.step, checking.substitutions.resolve(accumulatorType, false));
  checking.scopes.length -= variables.length;
  const result = checking.check(loop.result);
  checking.scopes.pop();
  return checking.substitutions.resolve(result, false);
}

/** What the variables are: elements; keys; indices and elements; keys and values. */
function variableTypes(
  checking: Checking,
  loop: Comprehension,
  range: Type,
): readonly [Type, Type] {
  const isPair = loop.secondVariable !== undefined;
  if (range.kind === 'list') {
    const element = range.parameters[0] as Type;
    return isPair ? [intType, element] : [element, element];
  }
  if (range.kind === 'map') return [range.parameters[0] as Type, range.parameters[1] as Type];
  if (range.kind === 'parameter') checking.substitutions.areAssignable([dynType], [range]);
  else if (!isDynOrError(range)) {
    checking.report(
      loop.range,
      `expression of type '${range}' cannot be range of a comprehension (must be list, map, or dynamic)`,
    );
    return [errorType, errorType];
  }
  return [dynType, dynType];
}

function assert(checking: Checking, expression: Expression, asked: Type): void {
  const type = checking.check(expression);
  if (!checking.substitutions.areAssignable([asked], [type])) {
    checking.mismatch(expression, asked, type);
  }
}
