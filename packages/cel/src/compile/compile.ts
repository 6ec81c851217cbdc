import type { Checked } from '../check/checking.ts';
import { type Declared, findIdentity, findMessage } from '../check/declared.ts';
import {
  type Expression,
  type ListExpression,
  type MapExpression,
  type MessageExpression,
  type Select,
  qualifiedName,
} from '../expression.ts';
import { ObjectType, withoutOptional } from '../type.ts';
import { MapBuilder } from '../values/literal-map.ts';
import { ObjectValue } from '../values/object-value.ts';
import { Optional } from '../values/optional.ts';
import { Failure, type Result, type Value, noSuchOverload } from '../values/value.ts';
import { type FieldName, hasField, selectField } from './access.ts';
import { compileCall } from './compile-call.ts';
import { compileComprehension } from './compile-comprehension.ts';
import type { Compiler } from './compiler.ts';
import type { Run } from './frame.ts';

/** What making a list, a map or a message costs. Source: cel-go, common/cost.go. */
const listCost = 10;
const mapCost = 30;
const messageCost = 40;

/** An expression, ready to run, and how many slots its frame must have. */
export interface Compiled {
  readonly run: Run;
  readonly slotCount: number;
}

/**
 * Makes functions of an expression, so that nothing is looked up while it runs. Without what the checker
 * found, names are resolved here and functions chosen by the values that they get.
 *
 * `variables` are the slots of the frame that are filled before.
 */
export function compile(
  expression: Expression,
  declared: Declared,
  variables: readonly string[],
  checked?: Checked,
): Compiled {
  const compiler = new ExpressionCompiler(declared, checked, variables);
  return { run: compiler.compile(expression), slotCount: compiler.slotCount };
}

class ExpressionCompiler implements Compiler {
  readonly declared: Declared;
  readonly checked: Checked | undefined;
  readonly #variables: ReadonlyMap<string, number>;
  readonly #scopes: { readonly name: string; readonly slot: number }[] = [];
  slotCount: number;

  constructor(declared: Declared, checked: Checked | undefined, variables: readonly string[]) {
    this.declared = declared;
    this.checked = checked;
    this.#variables = new Map(variables.map((name, slot) => [name, slot]));
    this.slotCount = variables.length;
  }

  compile(expression: Expression): Run {
    switch (expression.kind) {
      case 'literal': {
        const { value } = expression;
        return () => value;
      }
      case 'identifier':
        return this.#compileName(expression, expression.name);
      case 'select':
        return this.#compileSelect(expression);
      case 'call':
        return compileCall(this, expression);
      case 'list':
        return this.#compileList(expression);
      case 'map':
        return this.#compileMap(expression);
      case 'message':
        return this.#compileMessage(expression);
      case 'comprehension':
        return compileComprehension(this, expression);
    }
  }

  /** Declares a variable of a macro for as long as `within` runs. */
  withVariables<T>(names: readonly string[], within: (slots: readonly number[]) => T): T {
    const slots = names.map(() => this.slotCount++);
    this.#scopes.push(...names.map((name, index) => ({ name, slot: slots[index] as number })));
    const result = within(slots);
    this.#scopes.length -= names.length;
    return result;
  }

  isLocal(name: string): boolean {
    return this.#scopes.some((each) => each.name === name);
  }

  /** The field of an object as the wire names it. */
  fieldName(operand: Expression, field: string): FieldName {
    const declared = this.checked?.types.get(operand);
    const type = declared === undefined ? undefined : withoutOptional(declared).type;
    const key = type instanceof ObjectType ? type.field(field)?.key : undefined;
    return { field, key: key ?? field };
  }

  #compileName(expression: Expression, name: string): Run {
    const local = this.#scopes.findLast((each) => each.name === name);
    if (local !== undefined) return readSlot(local.slot);
    return this.#compileIdentity(expression, name) ?? unknownName(name);
  }

  /** A variable, or the name of a type. */
  #compileIdentity(expression: Expression, name: string): Run | undefined {
    const identity =
      this.checked === undefined
        ? findIdentity(this.declared, name)
        : this.checked.identities.get(expression);
    if (identity === undefined) return undefined;
    const { constant } = identity;
    if (constant !== undefined) return () => constant;
    const slot = this.#variables.get(identity.name);
    return slot === undefined ? unknownName(identity.name) : readSlot(slot);
  }

  #compileSelect(select: Select): Run {
    const name = select.isTest ? undefined : qualifiedName(select);
    if (name !== undefined && !this.isLocal(name.split('.')[0] ?? '')) {
      const run = this.#compileIdentity(select, name);
      if (run !== undefined) return run;
    }
    const operand = this.compile(select.operand);
    const field = this.fieldName(select.operand, select.field);
    if (select.isTest) {
      return (frame) => {
        const value = operand(frame);
        return value instanceof Failure ? value : hasField(value, field);
      };
    }
    return (frame) => {
      const value = operand(frame);
      if (value instanceof Failure) return value;
      frame.spend(1);
      return selectField(value, field);
    };
  }

  #compileList({ elements, optionals }: ListExpression): Run {
    if (elements.every(({ kind }) => kind === 'literal') && optionals.size === 0) {
      const values = elements.map((each) => (each as { value: Value }).value);
      return (frame) => {
        frame.spend(listCost);
        return values;
      };
    }
    const runs = elements.map((each) => this.compile(each));
    return (frame) => {
      const values: Value[] = [];
      for (let index = 0; index < runs.length; index++) {
        const value = (runs[index] as Run)(frame);
        if (value instanceof Failure) return value;
        if (!optionals.has(index)) values.push(value);
        else if (!(value instanceof Optional)) return noSuchOverload;
        else if (value.value !== undefined) values.push(value.value);
      }
      frame.spend(listCost);
      return values;
    };
  }

  #compileMap({ entries }: MapExpression): Run {
    const runs = entries.map(({ key, value, isOptional }) => ({
      key: this.compile(key),
      value: this.compile(value),
      isOptional,
    }));
    return (frame) => {
      const builder = new MapBuilder();
      for (const entry of runs) {
        const key = entry.key(frame);
        if (key instanceof Failure) return key;
        const value = entry.value(frame);
        const problem = addEntry(builder, key, value, entry.isOptional);
        if (problem !== undefined) return problem;
      }
      frame.spend(mapCost);
      return builder.build();
    };
  }

  #compileMessage({ name, fields }: MessageExpression): Run {
    const type = findMessage(this.declared, name);
    if (type === undefined) return () => new Failure(`unknown type: ${name}`);
    const runs = fields.map(({ value, ...field }) => ({ ...field, value: this.compile(value) }));
    return (frame) => {
      const made = new Map<string, Value>();
      for (const field of runs) {
        const value = field.value(frame);
        if (value instanceof Failure) return value;
        if (!field.isOptional) made.set(field.name, value);
        else if (!(value instanceof Optional)) return noSuchOverload;
        else if (value.value !== undefined) made.set(field.name, value.value);
      }
      frame.spend(messageCost);
      return new ObjectValue(type.name, made);
    };
  }
}

function addEntry(
  builder: MapBuilder,
  key: Value,
  value: Result,
  isOptional: boolean,
): Failure | undefined {
  if (value instanceof Failure) return value;
  if (!isOptional) return builder.add(key, value);
  if (!(value instanceof Optional)) return noSuchOverload;
  return value.value === undefined ? undefined : builder.add(key, value.value);
}

function readSlot(slot: number): Run {
  return (frame) => {
    frame.spend(1);
    return frame.slots[slot] as Result;
  };
}

function unknownName(name: string): Run {
  const failure = new Failure(`no such attribute(s): ${name}`);
  return () => failure;
}
