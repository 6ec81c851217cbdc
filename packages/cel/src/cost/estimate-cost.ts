import type { Checked } from '../check/checking.ts';
import {
  type Call,
  type Comprehension,
  type Expression,
  type Select,
  accumulatorName,
  operators,
} from '../expression.ts';
import { estimateCall } from './estimate-call.ts';
import type { Operand } from './operand.ts';
import { type Estimate, exactly, nothing, plus, times, union, unknown } from './estimates.ts';
import { KnownSizes, type LocalVariable, type SizeAt } from './known-sizes.ts';

/**
 * What evaluating an expression costs, before there is a value: from what its schema allows, the least
 * and the most. Source: cel-go, checker/cost.go, which decides what a definition may say in Kubernetes.
 */
export function estimateCost(expression: Expression, checked: Checked, sizeAt: SizeAt): Estimate {
  return new Estimator(checked, new KnownSizes(checked, sizeAt)).cost(expression);
}

class Estimator {
  readonly #checked: Checked;
  readonly #known: KnownSizes;

  constructor(checked: Checked, known: KnownSizes) {
    this.#checked = checked;
    this.#known = known;
  }

  cost(expression: Expression): Estimate {
    switch (expression.kind) {
      case 'literal':
        return nothing;
      case 'identifier':
        this.#known.namePath(expression);
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
    const { kind } = this.#known.typeOf(select.operand);
    this.#known.paths.set(select, [...this.#known.pathOf(select.operand), select.field]);
    return ['map', 'object', 'parameter'].includes(kind)
      ? plus(operandCost, exactly(1))
      : operandCost;
  }

  #costOfCall(call: Call): Estimate {
    const { name, target, arguments: args } = call;
    if (name === 'dyn') {
      const [argument] = args as [Expression];
      const argumentCost = this.cost(argument);
      this.#known.copySizes(call, argument);
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
    if (resultSize !== undefined) this.#known.sizes.set(call, resultSize);
    return plus(targetOperand?.cost ?? nothing, cost ?? nothing);
  }

  /** What an index leads to, and how large that is. */
  #trackIndex(call: Call, id: string): Estimate | undefined {
    const step = id === 'index_list' ? '@items' : id === 'index_map' ? '@values' : undefined;
    const [container] = call.arguments;
    if (step === undefined || container === undefined) return undefined;
    this.#known.paths.set(call, [...this.#known.pathOf(container), step]);
    return this.#known.entriesOf(container)?.value ?? this.#known.sizeOf(call);
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
    const [one, other] = pair.map((each) => each && this.#known.entriesOf(each));
    if (one === undefined || other === undefined) return;
    this.#known.entries.set(call, {
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
            .map((each) => this.#known.sizeOf(each) ?? unknown)
            .reduce((one, other) => union(one, other));
    this.#known.entries.set(container, {
      isList,
      key: isList ? exactly(1) : unionOf(keys),
      value: unionOf(values),
    });
    return plus(exactly(isList ? 10 : 30), ...costs);
  }

  #costOfLoop(loop: Comprehension): Estimate {
    const before = plus(this.cost(loop.range), this.cost(loop.initial));
    const locals = this.#known.locals.length;
    this.#known.locals.push(
      this.#known.bound(loop.accumulator, loop.initial),
      ...this.#loopVariables(loop),
    );
    const each = plus(this.cost(loop.condition), this.cost(loop.step));
    this.#known.locals.length = locals + 1;
    const result = this.cost(loop.result);
    this.#known.locals.length = locals;
    const count = this.#known.sizeOf(loop.range) ?? unknown;
    this.#trackLoop(loop, count);
    return plus(before, result, times(count, each));
  }

  #trackLoop(loop: Comprehension, count: Estimate): void {
    if (loop.initial.kind === 'literal') {
      const size = this.#known.sizeOf(loop.initial);
      if (size !== undefined) this.#known.sizes.set(loop, size);
    } else if (loop.initial.kind === 'list' || loop.initial.kind === 'map') {
      this.#known.sizes.set(loop, count);
      const entries = this.#known.entriesOf(loop.step);
      if (entries !== undefined) this.#known.entries.set(loop, entries);
    }
  }

  #loopVariables({ range, variable, secondVariable }: Comprehension): readonly LocalVariable[] {
    const entries = this.#known.entriesOf(range);
    const isList = entries?.isList ?? this.#known.typeOf(range).kind === 'list';
    const path = this.#known.pathOf(range);
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
    this.#known.locals.push(this.#known.bound(loop.accumulator, loop.initial));
    const result = this.cost(loop.result);
    this.#known.locals.pop();
    this.#known.copySizes(loop, loop.result);
    return plus(before, result);
  }

  #operand(expression: Expression): Operand {
    const cost = this.cost(expression);
    const type = this.#known.typeOf(expression);
    const elementPath = [...this.#known.pathOf(expression), '@items'];
    const isFromVariable = elementPath.length > 1 && elementPath[0] !== accumulatorName;
    return {
      type,
      expression,
      cost,
      size: this.#known.sizeOf(expression) ?? unknown,
      elementSize:
        type.parameters.length === 0
          ? undefined
          : ((isFromVariable ? this.#known.sizeAt(elementPath) : undefined) ?? unknown),
    };
  }
}

function isBinding({ range, condition, accumulator }: Comprehension): boolean {
  const isEmpty = range.kind === 'list' && range.elements.length === 0;
  const isNever = condition.kind === 'literal' && condition.value === false;
  return isEmpty && isNever && accumulator !== accumulatorName;
}

function qualified({ target, name }: Call): string {
  return target?.kind === 'identifier' ? `${target.name}.${name}` : name;
}
