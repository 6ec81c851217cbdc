import { type Expression, type Select, qualifiedName } from '../expression.ts';
import {
  ObjectType,
  type Type,
  boolType,
  dynType,
  errorType,
  isDynOrError,
  optionalType,
  withoutOptional,
} from '../type.ts';
import type { Checking } from './checking.ts';
import { findIdentity } from './declared.ts';

export function checkSelect(checking: Checking, select: Select): Type {
  const name = select.isTest ? undefined : qualifiedName(select);
  if (name !== undefined && !checking.isLocal(name.split('.')[0] ?? '')) {
    const found = findIdentity(checking.declared, name);
    if (found !== undefined) {
      checking.identities.set(select, found);
      return found.type;
    }
  }
  const type = selectField(checking, select, select, false);
  return select.isTest ? boolType : checking.substitutions.resolve(type, false);
}

export function selectField(
  checking: Checking,
  at: Expression,
  { operand, field }: { readonly operand: Expression; readonly field: string },
  isOptional: boolean,
): Type {
  const operandType = checking.substitutions.resolve(checking.check(operand), false);
  const target = withoutOptional(operandType);
  const type = fieldType(checking, at, target.type, field);
  return target.isOptional || isOptional ? optionalType(type) : type;
}

function fieldType(checking: Checking, at: Expression, target: Type, field: string): Type {
  if (target.kind === 'map') return target.parameters[1] as Type;
  if (target instanceof ObjectType) {
    const found = target.field(field);
    if (found !== undefined) return found.type;
    checking.report(at, `undefined field '${field}'`);
    return errorType;
  }
  if (target.kind === 'parameter') checking.substitutions.areAssignable([dynType], [target]);
  else if (!isDynOrError(target)) {
    checking.report(at, `type '${target}' does not support field selection`);
    return errorType;
  }
  return dynType;
}
