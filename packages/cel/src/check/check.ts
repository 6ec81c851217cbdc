import type { Expression } from '../expression.ts';
import {
  type Type,
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  nullType,
  stringType,
  timestampType,
  uintType,
} from '../type.ts';
import { kindOf } from '../values/value.ts';
import { checkList, checkMap, checkMessage } from './check-aggregates.ts';
import { checkCall } from './check-call.ts';
import { checkComprehension } from './check-comprehension.ts';
import { checkSelect } from './check-selection.ts';
import { type Checked, Checking } from './checking.ts';
import type { Declared } from './declared.ts';
import { TypesTooLarge } from './substitutions.ts';

/**
 * Finds the type of an expression and of all its parts, and what is wrong with them, in the words of
 * cel-go. Source: cel-spec, doc/langdef.md, "Gradual type checking".
 */
export function check(expression: Expression, declared: Declared): Checked {
  const checking = new Checking(declared, typeOf);
  try {
    checking.check(expression);
    return checking.finish();
  } catch (error) {
    if (!(error instanceof TypesTooLarge)) throw error;
    const message = 'the types of the expression are too large to be checked';
    const issues = [{ offset: expression.offset, message }];
    return { types: new Map(), identities: new Map(), calls: new Map(), issues };
  }
}

function typeOf(checking: Checking, expression: Expression): Type {
  switch (expression.kind) {
    case 'literal':
      return literalTypes[kindOf(expression.value)] ?? dynType;
    case 'identifier':
      return checkName(checking, expression, expression.name);
    case 'select':
      return checkSelect(checking, expression);
    case 'call':
      return checkCall(checking, expression);
    case 'list':
      return checkList(checking, expression);
    case 'map':
      return checkMap(checking, expression);
    case 'message':
      return checkMessage(checking, expression);
    case 'comprehension':
      return checkComprehension(checking, expression);
  }
}

function checkName(checking: Checking, expression: Expression, name: string): Type {
  const found = checking.find(name);
  if (found === undefined) return checking.undeclared(expression, name);
  if (!checking.isLocal(name)) checking.identities.set(expression, found);
  return found.type;
}

const literalTypes: Partial<Record<ReturnType<typeof kindOf>, Type>> = {
  null: nullType,
  bool: boolType,
  int: intType,
  uint: uintType,
  double: doubleType,
  string: stringType,
  bytes: bytesType,
  timestamp: timestampType,
  duration: durationType,
};
