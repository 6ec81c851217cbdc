import { type Comprehension, type Expression, operators } from '../expression.ts';
import { MapBuilder } from '../values/literal-map.ts';
import {
  Failure,
  type ListValue,
  type MapValue,
  type PlainMap,
  type Result,
  type Value,
  elementsOf,
  isList,
  isMap,
  keysOf,
  typeNameOf,
  valueAt,
} from '../values/value.ts';
import type { Compiler } from './compiler.ts';
import type { Frame, Run } from './frame.ts';

/** The parts of a loop, ready to run. */
interface Loop {
  readonly range: Run;
  readonly initial: Run;
  /** Undefined: every element is looked at. */
  readonly condition: Run | undefined;
  readonly step: Run;
  readonly result: Run;
  readonly accumulator: number;
  readonly variable: number;
  /** Undefined: there is one variable only. */
  readonly second: number | undefined;
}

export function compileComprehension(compiler: Compiler, comprehension: Comprehension): Run {
  const { range, initial, accumulator, variable, secondVariable } = comprehension;
  const rangeRun = compiler.compile(range);
  const initialRun = compiler.compile(initial);
  if (isBinding(comprehension)) return compileBinding(compiler, comprehension, initialRun);
  const names = [variable, ...(secondVariable === undefined ? [] : [secondVariable])];
  return compiler.withVariables([accumulator], ([accumulatorSlot = 0]) => {
    const within = compiler.withVariables(names, ([variableSlot = 0, second]) => ({
      condition: isTrue(comprehension.condition)
        ? undefined
        : compiler.compile(comprehension.condition),
      step: compileStep(compiler, comprehension, accumulatorSlot),
      variable: variableSlot,
      second,
    }));
    const result = compiler.compile(comprehension.result);
    const start = gathersInto(comprehension) ?? initialRun;
    return runLoop({
      range: rangeRun,
      initial: start,
      result,
      accumulator: accumulatorSlot,
      ...within,
    });
  });
}

function runLoop(loop: Loop): Run {
  return (frame) => {
    const range = loop.range(frame);
    if (range instanceof Failure) return range;
    frame.slots[loop.accumulator] = loop.initial(frame);
    if (isList(range)) goThroughList(loop, frame, range);
    else if (isMap(range)) goThroughMap(loop, frame, range);
    else {
      return new Failure(
        `expression of type '${typeNameOf(range)}' cannot be range of a comprehension`,
      );
    }
    const gathered = frame.slots[loop.accumulator];
    if (gathered instanceof MapBuilder) {
      frame.slots[loop.accumulator] = (gathered as MapBuilder).build();
    }
    return loop.result(frame);
  };
}

function goThroughList(loop: Loop, frame: Frame, range: readonly Value[] | ListValue): void {
  const { slots } = frame;
  const elements = elementsOf(range);
  for (let index = 0; index < elements.length; index++) {
    const element = elements[index] as Value;
    if (loop.second === undefined) slots[loop.variable] = element;
    else {
      slots[loop.variable] = index;
      slots[loop.second] = element;
    }
    if (!takeStep(loop, frame)) return;
  }
}

function goThroughMap(loop: Loop, frame: Frame, range: PlainMap | MapValue): void {
  const { slots } = frame;
  for (const key of keysOf(range)) {
    slots[loop.variable] = key;
    if (loop.second !== undefined) slots[loop.second] = valueAt(range, key) as Value;
    if (!takeStep(loop, frame)) return;
  }
}

/** False when the loop is over. */
function takeStep(loop: Loop, frame: Frame): boolean {
  if (loop.condition !== undefined) {
    if (loop.condition(frame) !== true) return false;
  }
  const value = loop.step(frame);
  frame.slots[loop.accumulator] = value;
  return loop.condition !== undefined || !(value instanceof Failure);
}

/**
 * What the accumulator begins as when the macro gathers a list or a map: one that the steps may change,
 * since copying it for each element would take time with the square of their number. Nothing but the
 * steps sees it before the loop is over.
 */
function gathersInto({ initial, step }: Comprehension): Run | undefined {
  const gathered = gatheringStep(step);
  if (gathered === undefined) return undefined;
  if (initial.kind === 'list' && gathered.name === operators.add) {
    return (frame) => {
      frame.spend(10);
      return [];
    };
  }
  if (initial.kind !== 'map' || gathered.name !== operators.mapInsert) return undefined;
  return (frame) => {
    frame.spend(30);
    return new MapBuilder() as unknown as Result;
  };
}

/** The call that adds to the accumulator, perhaps only to some. */
function gatheringStep(step: Expression): (Expression & { readonly kind: 'call' }) | undefined {
  if (step.kind !== 'call') return undefined;
  if (step.name === operators.conditional) return gatheringStep(step.arguments[1] as Expression);
  return step.name === operators.add || step.name === operators.mapInsert ? step : undefined;
}

function compileStep(compiler: Compiler, comprehension: Comprehension, accumulator: number): Run {
  if (gathersInto(comprehension) === undefined) return compiler.compile(comprehension.step);
  const { step } = comprehension;
  if (step.kind !== 'call' || step.name !== operators.conditional) {
    return compileGathering(compiler, step, accumulator);
  }
  const predicate = compiler.compile(step.arguments[0] as Expression);
  const gather = compileGathering(compiler, step.arguments[1] as Expression, accumulator);
  return (frame) => {
    const holds = predicate(frame);
    if (holds === true) return gather(frame);
    frame.spend(1);
    if (holds === false) return frame.slots[accumulator] as Result;
    return holds instanceof Failure ? holds : new Failure('no such overload');
  };
}

/** Adds an element or an entry to the accumulator. */
function compileGathering(compiler: Compiler, step: Expression, accumulator: number): Run {
  const call = step as Expression & { readonly kind: 'call' };
  if (call.name === operators.add) {
    const list = call.arguments[1] as Expression & { readonly kind: 'list' };
    const element = compiler.compile(list.elements[0] as Expression);
    return (frame) => {
      const value = element(frame);
      if (value instanceof Failure) return value;
      frame.spend(12);
      const gathered = frame.slots[accumulator] as Value[];
      gathered.push(value);
      return gathered;
    };
  }
  const inserted = call.arguments.slice(1).map((each) => compiler.compile(each));
  return (frame) => {
    const values: Value[] = [];
    for (const run of inserted) {
      const value = run(frame);
      if (value instanceof Failure) return value;
      values.push(value);
    }
    frame.spend(2);
    const gathered = frame.slots[accumulator] as unknown as MapBuilder;
    return insert(gathered, values) ?? (gathered as unknown as Result);
  };
}

/** A key and a value, or a map of such. */
function insert(builder: MapBuilder, values: readonly Value[]): Failure | undefined {
  const [first, second] = values;
  if (second !== undefined) {
    const problem = builder.add(first as Value, second);
    return problem && keyFailure(problem, first as Value);
  }
  if (first === undefined || !isMap(first)) return new Failure('no such overload');
  for (const key of keysOf(first)) {
    const problem = builder.add(key, valueAt(first, key) as Value);
    if (problem !== undefined) return keyFailure(problem, key);
  }
  return undefined;
}

function keyFailure(problem: Failure, key: Value): Failure {
  if (!problem.message.includes('repeated')) return problem;
  return new Failure(`insert failed: key ${String(key)} already exists`);
}

/** A loop over nothing that gives a value a name. */
function isBinding({ range, condition }: Comprehension): boolean {
  if (range.kind !== 'list' || range.elements.length > 0) return false;
  return condition.kind === 'literal' && condition.value === false;
}

function compileBinding(
  compiler: Compiler,
  { accumulator, result }: Comprehension,
  value: Run,
): Run {
  return compiler.withVariables([accumulator], ([slot = 0]) => {
    const body = compiler.compile(result);
    return (frame) => {
      frame.spend(10);
      frame.slots[slot] = value(frame);
      return body(frame);
    };
  });
}

function isTrue(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === true;
}
