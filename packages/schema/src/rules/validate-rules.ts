import {
  CostExceeded,
  Failure,
  Optional,
  type Program,
  type Value,
  costPerBudgetMax,
  costPerCallMax,
  matchStepsMax,
  none,
} from '@fairway/cel';
import {
  type FieldError,
  type JsonObject,
  type JsonValue,
  fieldErrorText,
  equalsJson,
  fieldOf,
  isJsonObject,
} from '@fairway/protocol';
import { canonicalJson } from '../enum-values.ts';
import { type PlacedValue, noField } from '../judgement.ts';
import type { PlacedSchema } from '../structural/placed-schema.ts';
import { Effort, type Walk } from '../walk.ts';
import { type RulePlace, brokenRule, failedRule, spentBudget } from './rule-errors.ts';
import type { CompiledRule, RuleNode } from './rule-tree.ts';

/** What the rules found wrong with an object. */
export interface RuleFindings {
  readonly errors: readonly FieldError[];
  /** What was as wrong before, and has not changed. */
  readonly warnings: readonly string[];
}

/** Steps of the walk for each unit of cost. */
const stepsOfCost = 10;
/** For each value that is looked at. */
const stepsOfValue = 100;
/** The most that are reported. */
const ruleErrorsMax = 1_000;

/**
 * Holds an object against the rules of its schema, which must have found it valid otherwise. The rules
 * of one object may together cost `costPerBudgetMax`.
 *
 * Source: Kubernetes documentation, "Validation rules"; KEP-2876, KEP-4008 for what an update may leave
 * as it was.
 */
export function* validateRules(root: PlacedValue, node: RuleNode): Walk<RuleFindings> {
  const validation = new Validation();
  yield* validation.visit(root, node);
  return validation;
}

/**
 * Holds the defaults of a schema against its rules. All of them together may cost what those of one
 * object may.
 */
export function* validateDefaults(root: PlacedSchema, tree: RuleNode): Walk<readonly FieldError[]> {
  const validation = new Validation();
  const errors: FieldError[] = [];
  for (const { path, node } of partsOf(root.path, tree)) {
    const value = node.schema['default'];
    if (value === undefined) continue;
    const before = validation.errors.length;
    yield* validation.visit({ value, path: '' }, node);
    for (const error of validation.errors.slice(before)) {
      const isWhole = error.field === '' || error.field === noField;
      const field = isWhole ? '' : `.${error.field.replace(/^\./, '')}`;
      errors.push({ ...error, field: `${path}.default${field}` });
    }
  }
  return errors;
}

interface PlacedNode {
  readonly path: string;
  readonly node: RuleNode;
}

/** A part of a schema and all within it that has rules. */
function* partsOf(path: string, node: RuleNode): Generator<PlacedNode> {
  yield { path, node };
  for (const [name, child] of node.properties) yield* partsOf(`${path}.properties[${name}]`, child);
  if (node.items !== undefined) yield* partsOf(`${path}.items`, node.items);
  if (node.values !== undefined) yield* partsOf(`${path}.additionalProperties`, node.values);
}

class Validation implements RuleFindings {
  readonly errors: FieldError[] = [];
  readonly warnings: string[] = [];
  readonly #effort = new Effort(Infinity);
  /** Of the regular expressions of all rules. */
  readonly #matching = new Effort(matchStepsMax);
  #costLeft = costPerBudgetMax;

  get #isOver(): boolean {
    return this.#costLeft < 0 || this.errors.length >= ruleErrorsMax;
  }

  *visit(placed: PlacedValue, node: RuleNode): Walk<void> {
    const { value } = placed;
    if (value === null || value === undefined || this.#isOver) return;
    this.#effort.add(stepsOfValue);
    for (const rule of node.rules) {
      if (this.#isOver) return;
      if (this.#effort.isPauseDue()) yield;
      this.#apply(rule, placed, node);
    }
    if (Array.isArray(value)) yield* this.#visitItems(value, placed, node);
    else if (isJsonObject(value)) yield* this.#visitFields(value, placed, node);
  }

  *#visitItems(list: readonly unknown[], placed: PlacedValue, node: RuleNode): Walk<void> {
    if (node.items === undefined) return;
    const before = storedItems(placed.stored, node);
    for (const [index, value] of list.entries()) {
      const path = `${placed.path}[${index}]`;
      yield* this.visit({ value, path, stored: before(value) }, node.items);
    }
  }

  *#visitFields(
    object: Readonly<Record<string, unknown>>,
    { path, stored }: PlacedValue,
    { properties, values }: RuleNode,
  ): Walk<void> {
    const before: JsonObject = isJsonObject(stored) ? stored : {};
    const at = (field: string): string => (path === '' ? field : `${path}.${field}`);
    for (const [field, child] of properties) {
      if (!Object.hasOwn(object, field)) continue;
      const placed = { value: object[field], path: at(field), stored: fieldOf(before, field) };
      yield* this.visit(placed, child);
    }
    if (values === undefined) return;
    for (const [field, value] of Object.entries(object)) {
      yield* this.visit({ value, path: at(field), stored: fieldOf(before, field) }, values);
    }
  }

  #apply(compiled: CompiledRule, placed: PlacedValue, node: RuleNode): void {
    const { rule, usesOldSelf } = compiled;
    const place: RulePlace = { rule, placed, node };
    if (compiled.compiled.kind === 'refused') {
      this.errors.push(failedRule(place, `rule compile error: ${compiled.compiled.problem}`));
      return;
    }
    const hasOld = placed.stored !== undefined && placed.stored !== null;
    if (usesOldSelf && !hasOld && rule.optionalOldSelf !== true) return;
    const variables = variablesOf(place, hasOld);
    const error = this.#judge(compiled, compiled.compiled.program, { place, variables });
    if (error === undefined) return;
    const isUnchanged =
      hasOld && !usesOldSelf && equalsJson(placed.value as JsonValue, placed.stored as JsonValue);
    if (isUnchanged) this.warnings.push(fieldErrorText(error));
    else this.errors.push(error);
  }

  #judge(
    { message }: CompiledRule,
    program: Program,
    { place, variables }: Judged,
  ): FieldError | undefined {
    const outcome = this.#evaluate(program, variables);
    if (this.#costLeft < 0) return spentBudget(place);
    if (outcome instanceof Failure) return failedRule(place, outcome.message);
    if (outcome === true) return undefined;
    // As there, the message of a rule for a new object does not know that there is nothing old.
    const { oldSelf: _, ...own } = variables;
    const known = place.placed.stored === undefined ? own : variables;
    const made = message?.kind === 'compiled' ? this.#evaluate(message.program, known) : '';
    return brokenRule(place, typeof made === 'string' ? made : '');
  }

  #evaluate(program: Program, variables: Variables): Value | Failure {
    const costMax = Math.min(costPerCallMax, Math.max(0, this.#costLeft));
    try {
      const bounds = { costMax, matching: this.#matching };
      const { result, cost } = program.evaluate(variables, bounds);
      this.#spend(cost);
      return result;
    } catch (error) {
      if (!(error instanceof CostExceeded)) throw error;
      this.#spend(costMax < costPerCallMax ? costMax + 1 : costPerCallMax);
      return new Failure(error.message);
    }
  }

  #spend(cost: number): void {
    this.#costLeft -= cost;
    this.#effort.add(stepsOfCost * cost);
  }
}

type Variables = Readonly<Record<string, Value>>;

interface Judged {
  readonly place: RulePlace;
  readonly variables: Variables;
}

function variablesOf({ rule, placed, node }: RulePlace, hasOld: boolean): Variables {
  const { convert = (value: Value): Value => value } = node.type;
  const self = convert(placed.value as Value);
  const old = hasOld ? convert(placed.stored as Value) : undefined;
  if (rule.optionalOldSelf === true) {
    return { self, oldSelf: old === undefined ? none : new Optional(old) };
  }
  return old === undefined ? { self } : { self, oldSelf: old };
}

/** Finds what an item was: only items of a list of type `map` can be told apart. */
function storedItems(stored: unknown, { schema }: RuleNode): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  const isMap = schema['x-kubernetes-list-type'] === 'map' && Array.isArray(keys);
  if (!isMap || !Array.isArray(stored)) return () => undefined;
  const keyOf = (item: unknown): string => {
    const object: JsonObject = isJsonObject(item) ? item : {};
    return canonicalJson((keys as string[]).map((key) => fieldOf(object, key) ?? null));
  };
  const byKey = new Map(stored.map((item: unknown) => [keyOf(item), item]));
  return (item) => byKey.get(keyOf(item));
}
