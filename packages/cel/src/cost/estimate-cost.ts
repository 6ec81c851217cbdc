import type { Checked } from '../check/checking.ts';
import {
  type Call,
  type Comprehension,
  type Expression,
  type Select,
  accumulatorName,
  operators,
} from '../expression.ts';
import { type Type, dynType } from '../type.ts';
import { sizeOf } from '../values/value.ts';
import { Work } from '../values/work.ts';
import { estimateCall } from './estimate-call.ts';
import type { Operand } from './operand.ts';
import { type Estimate, exactly, nothing, plus, times, union, unknown } from './estimates.ts';

/** From a variable to a part of it: `self`, `spec`, `@items`. */
export type ValuePath = readonly string[];

/** Says how large a part of a variable may be; undefined when it cannot be said. */
export type SizeAt = (path: ValuePath) => Estimate | undefined;

/**
 * What evaluating an expression costs, before there is a value: from what its schema allows, the least
 * and the most. Source: cel-go, checker/cost.go, which decides what a definition may say in Kubernetes.
 */
export function estimateCost(expression: Expression, checked: Checked, sizeAt: SizeAt): Estimate {
  return new Estimator(checked, sizeAt).cost(expression);
}

/** The sizes of what a list or a map has in it. */
interface EntrySizes {
  readonly isList: boolean;
  readonly key: Estimate;
  readonly value: Estimate;
}

interface LocalVariable {
  readonly name: string;
  readonly path: ValuePath;
  readonly size: Estimate | undefined;
  readonly entries: EntrySizes | undefined;
}

class Estimator {
  readonly #checked: Checked;
  readonly #sizeAt: SizeAt;
  readonly #paths = new Map<Expression, ValuePath>();
  readonly #sizes = new Map<Expression, Estimate>();
  readonly #entries = new Map<Expression, EntrySizes>();
  readonly #locals: LocalVariable[] = [];

  constructor(checked: Checked, sizeAt: SizeAt) {
    this.#checked = checked;
    this.#sizeAt = sizeAt;
  }

  cost(expression: Expression): Estimate {
    switch (expression.kind) {
      case 'literal':
        return nothing;
      case 'identifier':
        this.#paths.set(expression, this.#local(expression.name)?.path ?? [expression.name]);
        return exactly(1);
      case 'select':
        return this.#costOfSelect(expression);
      case 'call':
        return this.#costOfCall(expression);
      case 'list':
        return this.#costOfEntries(expression, [], expression.elements);
      case 'map': {
        const keys = expression.entries.map(({ key }) => key);
        return this.#costOfEntries(
          expression,
          keys,
          expression.entries.map(({ value }) => value),
        );
      }
      case 'message':
        return plus(exactly(40), ...expression.fields.map(({ value }) => this.cost(value)));
      case 'comprehension':
        return isBinding(expression)
          ? this.#costOfBinding(expression)
          : this.#costOfLoop(expression);
    }
  }

  #costOfSelect(select: Select): Estimate {
    const operandCost = this.cost(select.operand);
    if (select.isTest) return operandCost;
    const { kind } = this.#typeOf(select.operand);
    this.#paths.set(select, [...this.#pathOf(select.operand), select.field]);
    return ['map', 'object', 'parameter'].includes(kind)
      ? plus(operandCost, exactly(1))
      : operandCost;
  }

  #costOfCall(call: Call): Estimate {
    const { name, target, arguments: args } = call;
    if (name === 'dyn') {
      const [argument] = args as [Expression];
      const argumentCost = this.cost(argument);
      this.#copySizes(call, argument);
      return plus(exactly(1), argumentCost);
    }
    const operands = args.map((each) => this.#operand(each));
    const resolved = this.#checked.calls.get(call);
    if (name === operators.optionalSelect)
      return plus(exactly(1), ...operands.map(({ cost }) => cost));
    if (resolved === undefined || resolved.overloads.length === 0) return nothing;
    const isMember = target !== undefined && !resolved.isQualified;
    const targetOperand = isMember ? this.#operand(target) : undefined;
    const fullName = resolved.isQualified ? qualified(call) : name;
    let cost: Estimate | undefined;
    let resultSize: Estimate | undefined;
    for (const { id } of resolved.overloads) {
      const found = estimateCall({ name: fullName, id, target: targetOperand, args: operands });
      cost = cost === undefined ? found.cost : union(cost, found.cost);
      if (found.resultSize !== undefined) {
        resultSize =
          resultSize === undefined ? found.resultSize : union(resultSize, found.resultSize);
      }
      resultSize = this.#trackIndex(call, id) ?? resultSize;
    }
    this.#trackEntries(call);
    if (resultSize !== undefined) this.#sizes.set(call, resultSize);
    return plus(targetOperand?.cost ?? nothing, cost ?? nothing);
  }

  /** What an index leads to, and how large that is. */
  #trackIndex(call: Call, id: string): Estimate | undefined {
    const step = id === 'index_list' ? '@items' : id === 'index_map' ? '@values' : undefined;
    const [container] = call.arguments;
    if (step === undefined || container === undefined) return undefined;
    this.#paths.set(call, [...this.#pathOf(container), step]);
    return this.#entriesOf(container)?.value ?? this.#sizeOf(call);
  }

  /** Choosing between lists, or joining them, gives one whose elements are those of both. */
  #trackEntries(call: Call): void {
    const [first, second, third] = call.arguments;
    const pair =
      call.name === operators.conditional
        ? [second, third]
        : call.name === operators.add
          ? [first, second]
          : [];
    const [one, other] = pair.map((each) => each && this.#entriesOf(each));
    if (one === undefined || other === undefined) return;
    this.#entries.set(call, {
      isList: one.isList,
      key: union(one.key, other.key),
      value: union(one.value, other.value),
    });
  }

  #costOfEntries(
    container: Expression,
    keys: readonly Expression[],
    values: readonly Expression[],
  ): Estimate {
    const isList = container.kind === 'list';
    const costs = [...keys, ...values].map((each) => this.cost(each));
    const unionOf = (parts: readonly Expression[]): Estimate =>
      parts.length === 0
        ? nothing
        : parts
            .map((each) => this.#sizeOf(each) ?? unknown)
            .reduce((one, other) => union(one, other));
    this.#entries.set(container, {
      isList,
      key: isList ? exactly(1) : unionOf(keys),
      value: unionOf(values),
    });
    return plus(exactly(isList ? 10 : 30), ...costs);
  }

  #costOfLoop(loop: Comprehension): Estimate {
    const before = plus(this.cost(loop.range), this.cost(loop.initial));
    const locals = this.#locals.length;
    this.#locals.push(this.#bound(loop.accumulator, loop.initial), ...this.#loopVariables(loop));
    const each = plus(this.cost(loop.condition), this.cost(loop.step));
    this.#locals.length = locals + 1;
    const result = this.cost(loop.result);
    this.#locals.length = locals;
    const count = this.#sizeOf(loop.range) ?? unknown;
    this.#trackLoop(loop, count);
    return plus(before, result, times(count, each));
  }

  #trackLoop(loop: Comprehension, count: Estimate): void {
    if (loop.initial.kind === 'literal') {
      const size = this.#sizeOf(loop.initial);
      if (size !== undefined) this.#sizes.set(loop, size);
    } else if (loop.initial.kind === 'list' || loop.initial.kind === 'map') {
      this.#sizes.set(loop, count);
      const entries = this.#entriesOf(loop.step);
      if (entries !== undefined) this.#entries.set(loop, entries);
    }
  }

  #loopVariables({ range, variable, secondVariable }: Comprehension): readonly LocalVariable[] {
    const entries = this.#entriesOf(range);
    const isList = entries?.isList ?? this.#typeOf(range).kind === 'list';
    const path = this.#pathOf(range);
    const local = (name: string, step: string, size: Estimate | undefined): LocalVariable => ({
      name,
      path: [...path, step],
      size,
      entries: undefined,
    });
    const values = isList ? '@items' : '@values';
    if (secondVariable !== undefined) {
      return [
        local(variable, isList ? '@indices' : '@keys', entries?.key),
        local(secondVariable, values, entries?.value),
      ];
    }
    return [
      isList ? local(variable, '@items', entries?.value) : local(variable, '@keys', entries?.key),
    ];
  }

  #costOfBinding(loop: Comprehension): Estimate {
    const before = plus(this.cost(loop.range), this.cost(loop.initial));
    this.#locals.push(this.#bound(loop.accumulator, loop.initial));
    const result = this.cost(loop.result);
    this.#locals.pop();
    this.#copySizes(loop, loop.result);
    return plus(before, result);
  }

  #bound(name: string, value: Expression): LocalVariable {
    const path = this.#pathOf(value);
    return { name, path, size: this.#sizeOf(value), entries: this.#entriesOf(value) };
  }

  #operand(expression: Expression): Operand {
    const cost = this.cost(expression);
    const type = this.#typeOf(expression);
    const elementPath = [...this.#pathOf(expression), '@items'];
    const isFromVariable = elementPath.length > 1 && elementPath[0] !== accumulatorName;
    return {
      type,
      expression,
      cost,
      size: this.#sizeOf(expression) ?? unknown,
      elementSize:
        type.parameters.length === 0
          ? undefined
          : ((isFromVariable ? this.#sizeAt(elementPath) : undefined) ?? unknown),
    };
  }

  #copySizes(to: Expression, from: Expression): void {
    const size = this.#sizeOf(from);
    const entries = this.#entriesOf(from);
    if (size !== undefined) this.#sizes.set(to, size);
    if (entries !== undefined) this.#entries.set(to, entries);
  }

  #sizeOf(expression: Expression): Estimate | undefined {
    const known = this.#sizes.get(expression) ?? literalSize(expression);
    if (known !== undefined) return known;
    const path = this.#pathOf(expression);
    const found = path.length === 0 ? undefined : this.#sizeAt(path);
    if (found !== undefined) {
      this.#sizes.set(expression, found);
      return found;
    }
    if (isScalar(this.#typeOf(expression))) return exactly(1);
    return expression.kind === 'identifier' ? this.#local(expression.name)?.size : undefined;
  }

  #entriesOf(expression: Expression): EntrySizes | undefined {
    const known = this.#entries.get(expression);
    if (known !== undefined || expression.kind !== 'identifier') return known;
    return this.#local(expression.name)?.entries;
  }

  #pathOf(expression: Expression): ValuePath {
    const local = expression.kind === 'identifier' ? this.#local(expression.name) : undefined;
    return local?.path ?? this.#paths.get(expression) ?? [];
  }

  #typeOf(expression: Expression): Type {
    return this.#checked.types.get(expression) ?? dynType;
  }

  #local(name: string): LocalVariable | undefined {
    return this.#locals.findLast((each) => each.name === name);
  }
}

function literalSize(expression: Expression): Estimate | undefined {
  if (expression.kind === 'literal') return exactly(sizeOf(expression.value, new Work()));
  if (expression.kind === 'list') return exactly(expression.elements.length);
  return expression.kind === 'map' ? exactly(expression.entries.length) : undefined;
}

function isScalar({ kind, name, parameters }: Type): boolean {
  if (kind === 'opaque' && name === 'optional_type') return isScalar(parameters[0] as Type);
  return ['bool', 'double', 'duration', 'int', 'timestamp', 'uint'].includes(kind);
}

function isBinding({ range, condition, accumulator }: Comprehension): boolean {
  const isEmpty = range.kind === 'list' && range.elements.length === 0;
  const isNever = condition.kind === 'literal' && condition.value === false;
  return isEmpty && isNever && accumulator !== accumulatorName;
}

function qualified({ target, name }: Call): string {
  return target?.kind === 'identifier' ? `${target.name}.${name}` : name;
}
