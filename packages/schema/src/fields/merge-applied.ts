import {
  type JsonArray,
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  type Schema,
  copyJson,
  equalsJson,
  fieldOf,
  setField,
} from '@fairway/protocol';
import { fieldAt, fieldShape, fieldsIn, itemElement, itemsIn } from './field-shape.ts';
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
  /** Undefined for items that there are several of, which are not merged. */
  readonly byElement: ReadonlyMap<PathElement, JsonValue | undefined>;
}

/** Merges two lists whose items have keys. */
function mergeItems(live: JsonArray, applied: JsonArray, schema: Schema): JsonValue | undefined {
  // So it is with most lists, whose items then need not be told apart.
  if (equalsJson(live, applied)) return live;
  const merged: JsonValue[] = [];
  for (const [before, wanted] of itemsInOrder(index(live, schema), index(applied, schema))) {
    const value = mergeApplied(before, wanted, schema.items ?? {});
    if (value !== undefined) merged.push(value);
  }
  if (merged.length === 0) return undefined;
  const isSame = merged.length === live.length && merged.every((item, at) => item === live[at]);
  return isSame ? live : merged;
}

type LiveAndApplied = readonly [live: JsonValue | undefined, applied: JsonValue | undefined];

/**
 * What is to be merged for each item of the merged list, in its order: the applied items stand in the
 * order of who applied them. Those that only the live list has stay where they were among the items
 * that both lists have.
 */
function* itemsInOrder(live: Indexed, applied: Indexed): Generator<LiveAndApplied> {
  const shared = applied.elements.filter((element) => live.byElement.has(element));
  let [at, atShared] = [0, 0];
  function* onlyLiveBefore(end: PathElement | undefined): Generator<LiveAndApplied> {
    for (; at < live.elements.length; at++) {
      const element = live.elements[at] ?? '';
      if (element === end) return;
      if (!applied.byElement.has(element)) yield [live.items[at], undefined];
      else if (end === undefined) {
        // A duplicate of an item that has its place lets an applied item go first, as in Kubernetes.
        at++;
        return;
      }
    }
  }
  for (const element of applied.elements) {
    yield* onlyLiveBefore(shared[atShared]);
    yield [live.byElement.get(element), applied.byElement.get(element)];
    if (element === shared[atShared]) atShared++;
    if (element === live.elements[at]) at++;
  }
  while (at < live.elements.length) yield* onlyLiveBefore(undefined);
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
