import type {
  Expression,
  ListExpression,
  MapExpression,
  MessageExpression,
} from '../expression.ts';
import {
  type Type,
  dynType,
  isDynOrError,
  listType,
  mapType,
  optionalType,
  withoutOptional,
} from '../type.ts';
import type { Checking } from './checking.ts';
import { findMessage } from './declared.ts';
import { mostGeneral } from './substitutions.ts';

export function checkList(checking: Checking, { elements, optionals }: ListExpression): Type {
  let element: Type | undefined;
  elements.forEach((each, index) => {
    let type = checking.check(each);
    if (optionals.has(index)) type = optionalElement(checking, each, type);
    element = join(checking, element, type);
  });
  return listType(element ?? checking.substitutions.create());
}

export function checkMap(checking: Checking, { entries }: MapExpression): Type {
  let key: Type | undefined;
  let value: Type | undefined;
  for (const entry of entries) {
    key = join(checking, key, checking.check(entry.key));
    let type = checking.check(entry.value);
    if (entry.isOptional) type = optionalElement(checking, entry.value, type);
    value = join(checking, value, type);
  }
  return mapType(key ?? checking.substitutions.create(), value ?? checking.substitutions.create());
}

function optionalElement(checking: Checking, at: Expression, type: Type): Type {
  const { type: inner, isOptional } = withoutOptional(checking.substitutions.resolve(type, false));
  if (!isOptional && !isDynOrError(type)) {
    checking.mismatch(at, optionalType(type), type);
  }
  return inner;
}

/** The type of a list's elements so far, with one of this type after those `before`. */
function join(checking: Checking, before: Type | undefined, type: Type): Type {
  if (before === undefined) return type;
  if (checking.substitutions.areAssignable([type], [before])) return mostGeneral(type, before);
  if (checking.substitutions.areAssignable([before], [type])) return mostGeneral(before, type);
  return dynType;
}

/** The type of a message; what is wrong with a field is told of at its colon. */
export function checkMessage(checking: Checking, message: MessageExpression): Type {
  const { name, fields } = message;
  const type = findMessage(checking.declared, name);
  if (type === undefined) return checking.undeclared(message, name);
  for (const field of fields) {
    let given = checking.check(field.value);
    if (field.isOptional) given = optionalElement(checking, field.value, given);
    const asked = type.field(field.name)?.type;
    if (asked === undefined) {
      checking.report(field, `undefined field '${field.name}'`);
    } else if (!checking.substitutions.areAssignable([asked], [given])) {
      const found = checking.substitutions.resolve(given, true);
      const told = `expected type of field '${field.name}' is '${asked}'`;
      checking.report(field, `${told} but provided type is '${found}'`);
    }
  }
  return type;
}
