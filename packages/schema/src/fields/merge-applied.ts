import {
  type JsonArray,
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  type Schema,
  copyJson,
  equalsJson,
  fieldOf,
  isJsonArray,
  isJsonObject,
  setField,
} from '@fairway/protocol';
import { fieldAt, fieldShape, itemElement } from './field-shape.ts';
import type { PathElement } from './path-element.ts';

/**
 * Lays what somebody applies over a live object: leaves are taken from what is applied, the rest of
 * the live object stays. Lists whose items have keys are merged item by item. Undefined when nothing
 * is left to say.
 *
 * Shape: what the live object has already is the very same value; changes neither.
 */
export function mergeApplied(
  live: JsonValue | undefined,
  applied: JsonValue | undefined,
  schema: Schema,
): JsonValue | undefined {
  const shape = fieldShape(schema, applied ?? live);
  if (shape === 'fields') {
    const [fields, others] = [fieldsIn(live), fieldsIn(applied)];
    const isNothingThere = Object.keys(fields).length === 0 && Object.keys(others).length === 0;
    if (!isNothingThere) return mergeFields(fields, others, schema);
  }
  if (shape === 'items') {
    const [items, others] = [itemsIn(live), itemsIn(applied)];
    if (items.length > 0 || others.length > 0) return mergeItems(items, others, schema);
  }
  // Of two that hold nothing, the applied one says whether that is null or empty.
  return applied === undefined || equalsJson(live, applied) ? live : copyJson(applied);
}

function mergeFields(live: JsonObject, applied: JsonObject, schema: Schema): JsonValue | undefined {
  let merged: JsonDraft | undefined;
  for (const name of Object.keys(applied)) {
    const [before, wanted] = [fieldOf(live, name), fieldOf(applied, name)];
    if (wanted === undefined) continue;
    const value = mergeApplied(before, wanted, fieldAt(schema, name).schema);
    if (value === before) continue;
    merged ??= { ...live };
    if (value === undefined) Reflect.deleteProperty(merged, name);
    else setField(merged, name, value);
  }
  if (merged === undefined) return live;
  return Object.keys(merged).length === 0 ? undefined : merged;
}

interface Indexed {
  readonly elements: readonly PathElement[];
  readonly items: readonly JsonValue[];
  /** Null for items that there are several of, which are not merged. */
  readonly byElement: ReadonlyMap<PathElement, JsonValue | undefined>;
}

/**
 * Merges two lists so that the applied items stand in the order of who applied them, and those that
 * only the live list has stay near where they were.
 */
function mergeItems(live: JsonArray, applied: JsonArray, schema: Schema): JsonValue | undefined {
  // So it is with most lists, whose items then need not be told apart.
  if (equalsJson(live, applied)) return live;
  const [left, right] = [index(live, schema), index(applied, schema)];
  const shared = right.elements.filter((element) => left.byElement.has(element));
  const done = new Set<PathElement>();
  const merged: JsonValue[] = [];
  const push = (value: JsonValue | undefined): void => {
    if (value !== undefined) merged.push(value);
  };
  const take = (element: PathElement): void => {
    done.add(element);
    const before = left.byElement.get(element);
    push(mergeApplied(before, right.byElement.get(element), schema.items ?? {}));
  };
  let [at, atRight, atShared] = [0, 0, 0];
  while (at < left.elements.length || atRight < right.elements.length) {
    const [element, wanted] = [left.elements[at], right.elements[atRight]];
    if (element !== undefined && wanted !== undefined) {
      if (element === wanted) {
        take(wanted);
        at++;
        atRight++;
        atShared++;
        continue;
      }
      const next = shared[atShared];
      if (right.byElement.has(element) && next !== undefined && next !== element) {
        // Both have it, and the applied list has another one first.
        at++;
        continue;
      }
    }
    if (element !== undefined) {
      if (!right.byElement.has(element)) {
        push(left.items[at]);
        at++;
        continue;
      }
      if (done.has(element)) at++;
    }
    if (wanted !== undefined) {
      take(wanted);
      atRight++;
      if (shared[atShared] === wanted) atShared++;
    }
  }
  if (merged.length === 0) return undefined;
  const isSame = merged.length === live.length && merged.every((item, at) => item === live[at]);
  return isSame ? live : merged;
}

function index(list: JsonArray, schema: Schema): Indexed {
  const elements: PathElement[] = [];
  const items: JsonValue[] = [];
  const byElement = new Map<PathElement, JsonValue | undefined>();
  for (const item of list) {
    const found = itemElement(item, schema);
    if ('problem' in found) continue;
    byElement.set(found.element, byElement.has(found.element) ? undefined : item);
    elements.push(found.element);
    items.push(item);
  }
  return { elements, items, byElement };
}

function fieldsIn(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function itemsIn(value: JsonValue | undefined): JsonArray {
  return isJsonArray(value) ? value : [];
}
