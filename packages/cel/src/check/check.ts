import type { Overload } from '../declarations.ts';
import {
  type Call,
  type Comprehension,
  type Expression,
  type ListExpression,
  type MapExpression,
  type Select,
  operators,
  qualifiedName,
} from '../expression.ts';
import type { Issue } from '../issue.ts';
import {
  ObjectType,
  Type,
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  errorType,
  intType,
  isDynOrError,
  listType,
  mapType,
  nullType,
  optionalType,
  stringType,
  timestampType,
  uintType,
  withoutOptional,
} from '../type.ts';
import { kindOf } from '../values/value.ts';
import { type Declared, type Identity, findFunction, findIdentity } from './declared.ts';
import { type CallStyle, describeArguments, resolveOverloads } from './resolve-overloads.ts';
import { Substitutions, TypesTooLarge, mostGeneral } from './substitutions.ts';

/** What a call may come to. */
export interface ResolvedCall {
  readonly overloads: readonly Overload[];
  /** The target is no value but the first part of the function's name: `sets.contains(…)`. */
  readonly isQualified: boolean;
}

/** What the checker found out of each node. */
export interface Checked {
  readonly types: ReadonlyMap<Expression, Type>;
  /** Names that are not variables of a macro. */
  readonly identities: ReadonlyMap<Expression, Identity>;
  readonly calls: ReadonlyMap<Expression, ResolvedCall>;
  readonly issues: readonly Issue[];
}

/**
 * Finds the type of an expression and of all its parts, and what is wrong with them, in the words of
 * cel-go. Source: cel-spec, doc/langdef.md, "Gradual type checking".
 */
export function check(expression: Expression, declared: Declared): Checked {
  const checker = new Checker(declared);
  try {
    checker.check(expression);
    return checker.finish();
  } catch (error) {
    if (!(error instanceof TypesTooLarge)) throw error;
    const message = 'the types of the expression are too large to be checked';
    const issues = [{ offset: expression.offset, message }];
    return { types: new Map(), identities: new Map(), calls: new Map(), issues };
  }
}

class Checker {
  readonly #declared: Declared;
  readonly #substitutions = new Substitutions();
  readonly #types = new Map<Expression, Type>();
  readonly #identities = new Map<Expression, Identity>();
  readonly #calls = new Map<Expression, ResolvedCall>();
  readonly #issues: Issue[] = [];
  /** Variables of macros, the innermost last. */
  readonly #scopes: { readonly name: string; readonly type: Type }[] = [];

  constructor(declared: Declared) {
    this.#declared = declared;
  }

  finish(): Checked {
    const types = new Map<Expression, Type>();
    for (const [expression, type] of this.#types) {
      types.set(expression, this.#substitutions.resolve(type, true));
    }
    return { types, identities: this.#identities, calls: this.#calls, issues: this.#issues };
  }

  check(expression: Expression): Type {
    const type = this.#typeOf(expression);
    this.#types.set(expression, type);
    return type;
  }

  #typeOf(expression: Expression): Type {
    switch (expression.kind) {
      case 'literal':
        return literalTypes[kindOf(expression.value)] ?? dynType;
      case 'identifier':
        return this.#checkName(expression, expression.name);
      case 'select':
        return this.#checkSelect(expression);
      case 'call':
        return this.#checkCall(expression);
      case 'list':
        return this.#checkList(expression);
      case 'map':
        return this.#checkMap(expression);
      case 'message':
        return this.#undeclared(expression, expression.name);
      case 'comprehension':
        return this.#checkComprehension(expression);
    }
  }

  #checkName(expression: Expression, name: string): Type {
    const found = this.#find(name);
    if (found === undefined) return this.#undeclared(expression, name);
    if (!this.#isLocal(name)) this.#identities.set(expression, found);
    return found.type;
  }

  #find(name: string): Identity | undefined {
    const local = this.#scopes.findLast((each) => each.name === name);
    return local ?? findIdentity(this.#declared, name);
  }

  #isLocal(name: string): boolean {
    return this.#scopes.some((each) => each.name === name);
  }

  #checkSelect(select: Select): Type {
    const name = select.isTest ? undefined : qualifiedName(select);
    if (name !== undefined && !this.#isLocal(name.split('.')[0] ?? '')) {
      const found = findIdentity(this.#declared, name);
      if (found !== undefined) {
        this.#identities.set(select, found);
        return found.type;
      }
    }
    const type = this.#selectField(select, select, false);
    return select.isTest ? boolType : this.#substitutions.resolve(type, false);
  }

  #selectField(
    at: Expression,
    { operand, field }: { readonly operand: Expression; readonly field: string },
    isOptional: boolean,
  ): Type {
    const operandType = this.#substitutions.resolve(this.check(operand), false);
    const target = withoutOptional(operandType);
    const type = this.#fieldType(at, target.type, field);
    return target.isOptional || isOptional ? optionalType(type) : type;
  }

  #fieldType(at: Expression, target: Type, field: string): Type {
    if (target.kind === 'map') return target.parameters[1] as Type;
    if (target instanceof ObjectType) {
      const found = target.fields.get(field);
      if (found !== undefined) return found.type;
      this.#report(at, `undefined field '${field}'`);
      return errorType;
    }
    if (target.kind === 'parameter') this.#substitutions.areAssignable([dynType], [target]);
    else if (!isDynOrError(target)) {
      this.#report(at, `type '${target}' does not support field selection`);
      return errorType;
    }
    return dynType;
  }

  #checkCall(call: Call): Type {
    if (call.name === operators.optionalSelect) {
      const [operand, field] = call.arguments as [Expression, Expression & { value: string }];
      this.check(field);
      return this.#substitutions.resolve(
        this.#selectField(call, { operand, field: field.value }, true),
        false,
      );
    }
    const argumentTypes = call.arguments.map((each) => this.check(each));
    if (call.target === undefined) {
      return this.#resolveCall(call, call.name, { argumentTypes, isMember: false });
    }
    const namespace = qualifiedName(call.target);
    if (namespace !== undefined && !this.#isLocal(namespace.split('.')[0] ?? '')) {
      const name = `${namespace}.${call.name}`;
      if (findFunction(this.#declared, name) !== undefined) {
        return this.#resolveCall(call, name, { argumentTypes, isMember: false });
      }
    }
    const targetType = this.check(call.target);
    return this.#resolveCall(call, call.name, {
      argumentTypes: [targetType, ...argumentTypes],
      isMember: true,
    });
  }

  #resolveCall(call: Call, name: string, style: CallStyle): Type {
    const found = findFunction(this.#declared, name);
    if (found === undefined) return this.#undeclared(call, name);
    if (name === operators.and || name === operators.or) {
      return this.#checkLogic(call, found.overloads, style.argumentTypes);
    }
    const resolved = resolveOverloads(found.overloads, this.#substitutions, style);
    if (resolved === undefined) {
      const given = describeArguments(style, this.#substitutions);
      this.#report(call, `found no matching overload for '${name}' applied to '${given}'`);
      return errorType;
    }
    const isQualified = call.target !== undefined && !style.isMember;
    this.#calls.set(call, { overloads: resolved.overloads, isQualified });
    return resolved.result;
  }

  /** Each operand that is no bool is told of by itself. */
  #checkLogic(call: Call, overloads: readonly Overload[], argumentTypes: readonly Type[]): Type {
    let isFine = true;
    argumentTypes.forEach((type, index) => {
      if (this.#substitutions.areAssignable([type], [boolType])) return;
      isFine = false;
      this.#mismatch(call.arguments[index] as Expression, boolType, type);
    });
    this.#calls.set(call, { overloads, isQualified: false });
    return isFine ? boolType : errorType;
  }

  #checkList({ elements, optionals }: ListExpression): Type {
    let element: Type | undefined;
    elements.forEach((each, index) => {
      let type = this.check(each);
      if (optionals.has(index)) type = this.#optionalElement(each, type);
      element = this.#join(element, type);
    });
    return listType(element ?? this.#substitutions.create());
  }

  #checkMap({ entries }: MapExpression): Type {
    let key: Type | undefined;
    let value: Type | undefined;
    for (const entry of entries) {
      key = this.#join(key, this.check(entry.key));
      let type = this.check(entry.value);
      if (entry.isOptional) type = this.#optionalElement(entry.value, type);
      value = this.#join(value, type);
    }
    return mapType(key ?? this.#substitutions.create(), value ?? this.#substitutions.create());
  }

  #optionalElement(at: Expression, type: Type): Type {
    const { type: inner, isOptional } = withoutOptional(this.#substitutions.resolve(type, false));
    if (!isOptional && !isDynOrError(type)) {
      this.#mismatch(at, optionalType(type), type);
    }
    return inner;
  }

  /** The type of elements that are of this type and of those before. */
  #join(before: Type | undefined, type: Type): Type {
    if (before === undefined) return type;
    if (this.#substitutions.areAssignable([type], [before])) return mostGeneral(type, before);
    if (this.#substitutions.areAssignable([before], [type])) return mostGeneral(before, type);
    return dynType;
  }

  #checkComprehension(loop: Comprehension): Type {
    const range = this.#substitutions.resolve(this.check(loop.range), false);
    const accumulatorType = this.check(loop.initial);
    const [first, second] = this.#variableTypes(loop, range);
    this.#scopes.push({ name: loop.accumulator, type: accumulatorType });
    const variables = [{ name: loop.variable, type: first }];
    if (loop.secondVariable !== undefined) {
      variables.push({ name: loop.secondVariable, type: second });
    }
    this.#scopes.push(...variables);
    this.#assert(loop.condition, boolType);
    this.#assert(loop.step, this.#substitutions.resolve(accumulatorType, false));
    this.#scopes.length -= variables.length;
    const result = this.check(loop.result);
    this.#scopes.pop();
    return this.#substitutions.resolve(result, false);
  }

  /** What the variables are: elements; keys; indices and elements; keys and values. */
  #variableTypes(loop: Comprehension, range: Type): readonly [Type, Type] {
    const isPair = loop.secondVariable !== undefined;
    if (range.kind === 'list') {
      const element = range.parameters[0] as Type;
      return isPair ? [intType, element] : [element, element];
    }
    if (range.kind === 'map') return [range.parameters[0] as Type, range.parameters[1] as Type];
    if (range.kind === 'parameter') this.#substitutions.areAssignable([dynType], [range]);
    else if (!isDynOrError(range)) {
      this.#report(
        loop.range,
        `expression of type '${range}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      );
      return [errorType, errorType];
    }
    return [dynType, dynType];
  }

  #assert(expression: Expression, asked: Type): void {
    const type = this.check(expression);
    if (!this.#substitutions.areAssignable([asked], [type])) {
      this.#mismatch(expression, asked, type);
    }
  }

  #mismatch(at: Expression, expected: Type, found: Type): void {
    const resolved = [expected, found].map((each) => this.#substitutions.resolve(each, true));
    this.#report(at, `expected type '${resolved[0]}' but found '${resolved[1]}'`);
  }

  #undeclared(at: Expression, name: string): Type {
    this.#report(
      at,
      `undeclared reference to '${name}' (in container '${this.#declared.container}')`,
    );
    return errorType;
  }

  #report({ offset }: Expression, message: string): void {
    this.#issues.push({ offset, message });
  }
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
