import { findFunction } from '../check/declared.ts';
import { type CallCost, callCost } from '../cost/call-cost.ts';
import type { Overload } from '../declarations.ts';
import { type Call, type Expression, operators, qualifiedName } from '../expression.ts';
import type { Type } from '../type.ts';
import { add } from '../values/arithmetic.ts';
import { equals } from '../values/equality.ts';
import { compare } from '../values/order.ts';
import {
  Failure,
  Instance,
  type Result,
  type Value,
  kindOf,
  noSuchOverload,
  sizeOf,
  typeNameOf,
} from '../values/value.ts';
import type { Work } from '../values/work.ts';
import { selectOptionally, valueAtIndex, valueAtOptionalIndex } from './access.ts';
import type { Compiler } from './compiler.ts';
import type { Frame, Run } from './frame.ts';

export function compileCall(compiler: Compiler, call: Call): Run {
  const { name, arguments: args } = call;
  const [first, second, third] = args as [Expression, Expression, Expression];
  switch (name) {
    case operators.and:
      return compileAnd(compiler.compile(first), compiler.compile(second));
    case operators.or:
      return compileOr(compiler.compile(first), compiler.compile(second));
    case operators.conditional:
      return compileConditional(
        compiler.compile(first),
        compiler.compile(second),
        compiler.compile(third),
      );
    case operators.notStrictlyFalse:
      return compileNotStrictlyFalse(compiler.compile(first));
    case operators.equals:
      return compileEquality(compiler.compile(first), compiler.compile(second), true);
    case operators.notEquals:
      return compileEquality(compiler.compile(first), compiler.compile(second), false);
    case operators.less:
      return compileOrder(compiler, call, (order) => order < 0);
    case operators.lessOrEqual:
      return compileOrder(compiler, call, (order) => order <= 0);
    case operators.greater:
      return compileOrder(compiler, call, (order) => order > 0);
    case operators.greaterOrEqual:
      return compileOrder(compiler, call, (order) => order >= 0);
    case operators.add:
      return compileStrict(compiler, args, { name, choose: () => addition });
    case operators.index:
      return compileBinary(compiler, args, valueAtIndex);
    case operators.optionalIndex:
      return compileBinary(compiler, args, valueAtOptionalIndex);
    case operators.optionalSelect: {
      const field = compiler.fieldName(first, (second as { value: string }).value);
      const operand = compiler.compile(first);
      return (frame) => {
        const value = operand(frame);
        if (value instanceof Failure) return value;
        frame.spend(1);
        return selectOptionally(value, field);
      };
    }
    default:
      return compileFunction(compiler, call);
  }
}

/** False when either is; a failure of one matters only when the other is true. */
function compileAnd(left: Run, right: Run): Run {
  return (frame) => {
    const one = left(frame);
    if (one === false) return false;
    const other = right(frame);
    if (other === false) return false;
    if (one === true && other === true) return true;
    return firstFailure(one, other);
  };
}

function compileOr(left: Run, right: Run): Run {
  return (frame) => {
    const one = left(frame);
    if (one === true) return true;
    const other = right(frame);
    if (other === true) return true;
    if (one === false && other === false) return false;
    return firstFailure(one, other);
  };
}

function firstFailure(one: Result, other: Result): Failure {
  if (one instanceof Failure) return one;
  if (typeof one !== 'boolean') return noSuchOverload;
  return other instanceof Failure ? other : noSuchOverload;
}

function compileConditional(condition: Run, then: Run, otherwise: Run): Run {
  return (frame) => {
    const holds = condition(frame);
    if (holds === true) return then(frame);
    if (holds === false) return otherwise(frame);
    return holds instanceof Failure ? holds : noSuchOverload;
  };
}

function compileNotStrictlyFalse(operand: Run): Run {
  return (frame) => {
    frame.spend(1);
    return operand(frame) !== false;
  };
}

function compileEquality(left: Run, right: Run, isEqual: boolean): Run {
  return (frame) => {
    const one = left(frame);
    if (one instanceof Failure) return one;
    const other = right(frame);
    if (other instanceof Failure) return other;
    frame.spend(traversalCost(one, other, frame));
    return equals(one, other, frame) === isEqual;
  };
}

function compileOrder(compiler: Compiler, call: Call, holds: (order: number) => boolean): Run {
  const left = compiler.compile(call.arguments[0] as Expression);
  const right = compiler.compile(call.arguments[1] as Expression);
  return (frame) => {
    const one = left(frame);
    if (one instanceof Failure) return one;
    const other = right(frame);
    if (other instanceof Failure) return other;
    if (typeof one === 'number' && typeof other === 'number') {
      frame.spend(1);
      return one === other ? holds(0) : holds(one < other ? -1 : one > other ? 1 : Number.NaN);
    }
    frame.spend(typeof one === 'string' ? traversalCost(one, other, frame) : 1);
    const order = compare(one, other, frame);
    return order instanceof Failure ? order : holds(order);
  };
}

/** What comparing two values costs: a tenth of the smaller one. */
function traversalCost(one: Value, other: Value, work: Work): number {
  if (typeof one === 'number' || typeof other === 'number') return 1;
  return Math.ceil(Math.min(sizeOf(one, work), sizeOf(other, work)) / 10);
}

function addCost(args: readonly Value[], work: Work): number {
  const [one, other] = args as [Value, Value];
  const isText = typeof one === 'string' || one instanceof Uint8Array;
  return isText ? Math.ceil((sizeOf(one, work) + sizeOf(other, work)) / 10) : 1;
}

const addition: Priced = {
  call: (args, work) => add(args[0] as Value, args[1] as Value, work),
  cost: { ofArguments: addCost },
};

function compileBinary(
  compiler: Compiler,
  args: readonly Expression[],
  apply: (one: Value, other: Value) => Result,
): Run {
  const left = compiler.compile(args[0] as Expression);
  const right = compiler.compile(args[1] as Expression);
  return (frame) => {
    const one = left(frame);
    if (one instanceof Failure) return one;
    const other = right(frame);
    if (other instanceof Failure) return other;
    frame.spend(1);
    return apply(one, other);
  };
}

function compileFunction(compiler: Compiler, call: Call): Run {
  const { overloads, name, args } = candidates(compiler, call);
  const priced = overloads.map((each) => ({
    ...each,
    cost: callCost(name, each.id),
  }));
  // Also where the checker has decided: what is `dyn`, or was stored before the schema changed, may be
  // anything.
  const choose = (values: readonly Value[]): Priced | undefined =>
    priced.find((each) => accepts(each.parameters, values));
  return compileStrict(compiler, args, { name, choose });
}

interface Candidates {
  readonly overloads: readonly Overload[];
  readonly name: string;
  /** With the target first. */
  readonly args: readonly Expression[];
}

/** The overloads that may be meant: those the checker found, or all of the name. */
function candidates(compiler: Compiler, call: Call): Candidates {
  const { target, arguments: args } = call;
  const resolved = compiler.checked?.calls.get(call);
  const namespace = target === undefined ? undefined : qualifiedName(target);
  const isLocal = namespace !== undefined && compiler.isLocal(namespace.split('.')[0] ?? '');
  const qualified =
    namespace === undefined || isLocal
      ? undefined
      : findFunction(compiler.declared, `${namespace}.${call.name}`);
  const found = qualified ?? findFunction(compiler.declared, call.name);
  const isMember = target !== undefined && qualified === undefined;
  return {
    name: found?.name ?? call.name,
    args: isMember ? [target, ...args] : args,
    overloads:
      resolved?.overloads ?? found?.overloads.filter((each) => each.isMember === isMember) ?? [],
  };
}

interface Priced {
  readonly call: Overload['call'];
  readonly cost: CallCost | undefined;
}

interface Choice {
  readonly name: string;
  readonly choose: (values: readonly Value[]) => Priced | undefined;
}

/** A function all of whose arguments must have values. */
function compileStrict(
  compiler: Compiler,
  args: readonly Expression[],
  { name, choose }: Choice,
): Run {
  const runs = args.map((each) => compiler.compile(each));
  const apply = (frame: Frame, values: readonly Value[]): Result => {
    const chosen = choose(values);
    if (chosen === undefined) return noOverload(name, values);
    const { cost } = chosen;
    frame.spend(cost === undefined ? 1 : cost.ofArguments(values, frame));
    const result = chosen.call(values, frame);
    if (cost?.ofResult !== undefined && !(result instanceof Failure)) {
      frame.spend(cost.ofResult(result, frame));
    }
    return result;
  };
  if (runs.length === 1) {
    const [only] = runs as [Run];
    return (frame) => {
      const value = only(frame);
      return value instanceof Failure ? value : apply(frame, [value]);
    };
  }
  return (frame) => {
    const values: Value[] = [];
    for (const run of runs) {
      const value = run(frame);
      if (value instanceof Failure) return value;
      values.push(value);
    }
    return apply(frame, values);
  };
}

function accepts(parameters: readonly Type[], values: readonly Value[]): boolean {
  return (
    parameters.length === values.length &&
    parameters.every((type, index) => isOfType(values[index] as Value, type))
  );
}

function isOfType(value: Value, { kind, name }: Type): boolean {
  if (kind === 'dyn' || kind === 'parameter') return true;
  if (kind === 'opaque') return value instanceof Instance && value.typeName === name;
  const found = kindOf(value);
  return found === kind || (kind === 'object' && found === 'map');
}

function noOverload(name: string, values: readonly Value[]): Failure {
  return new Failure(`no such overload: ${name}(${values.map(typeNameOf).join(', ')})`);
}
