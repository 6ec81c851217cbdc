import type { Overload } from '../declarations.ts';
import { type Call, type Expression, operators, qualifiedName } from '../expression.ts';
import { type Type, boolType, errorType } from '../type.ts';
import type { Checking } from './checking.ts';
import { selectField } from './check-selection.ts';
import { findFunction } from './declared.ts';
import { type CallStyle, describeArguments, resolveOverloads } from './resolve-overloads.ts';

export function checkCall(checking: Checking, call: Call): Type {
  if (call.name === operators.optionalSelect) {
    const [operand, field] = call.arguments as [Expression, Expression & { value: string }];
    checking.check(field);
    return checking.substitutions.resolve(
      selectField(checking, call, { operand, field: field.value }, true),
      false,
    );
  }
  const argumentTypes = call.arguments.map((each) => checking.check(each));
  if (call.target === undefined) {
    return resolveCall(checking, call, call.name, { argumentTypes, isMember: false });
  }
  const namespace = qualifiedName(call.target);
  if (namespace !== undefined && !checking.isLocal(namespace.split('.')[0] ?? '')) {
    const name = `${namespace}.${call.name}`;
    if (findFunction(checking.declared, name) !== undefined) {
      return resolveCall(checking, call, name, { argumentTypes, isMember: false });
    }
  }
  const targetType = checking.check(call.target);
  return resolveCall(checking, call, call.name, {
    argumentTypes: [targetType, ...argumentTypes],
    isMember: true,
  });
}

function resolveCall(checking: Checking, call: Call, name: string, style: CallStyle): Type {
  const found = findFunction(checking.declared, name);
  if (found === undefined) return checking.undeclared(call, name);
  if (name === operators.and || name === operators.or) {
    return checkLogic(checking, call, found.overloads, style.argumentTypes);
  }
  const resolved = resolveOverloads(found.overloads, checking.substitutions, style);
  if (resolved === undefined) {
    const given = describeArguments(style, checking.substitutions);
    checking.report(call, `found no matching overload for '${name}' applied to '${given}'`);
    return errorType;
  }
  const isQualified = call.target !== undefined && !style.isMember;
  checking.calls.set(call, { overloads: resolved.overloads, isQualified });
  return resolved.result;
}

/** Each operand that is no bool is told of by itself. */
function checkLogic(
  checking: Checking,
  call: Call,
  overloads: readonly Overload[],
  argumentTypes: readonly Type[],
): Type {
  let isFine = true;
  argumentTypes.forEach((type, index) => {
    if (checking.substitutions.areAssignable([type], [boolType])) return;
    isFine = false;
    checking.mismatch(call.arguments[index] as Expression, boolType, type);
  });
  checking.calls.set(call, { overloads, isQualified: false });
  return isFine ? boolType : errorType;
}
