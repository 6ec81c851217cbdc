import { type Identity, identityOf, orderElements } from './element-order.ts';
import {
  type JsonArray,
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  copyJson,
  fieldOf,
  isJsonArray,
  isJsonObject,
  setField,
} from './json-value.ts';
import type { Schema } from './schema.ts';

/** What came of a strategic merge patch. */
export type StrategicMergeOutcome =
  /** `value` is a fresh copy that is not shared. */
  | { readonly kind: 'patched'; readonly value: JsonObject }
  /** A directive of the patch is wrong. */
  | { readonly kind: 'malformed'; readonly problem: string }
  /** It cannot be merged with this document. */
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'too large'; readonly problem: string };

/** Bounds of a strategic merge patch. */
export interface StrategicMergeLimits {
  /**
   * How many fields and elements it may go through: a patch that names one element of a list many
   * times goes through all that is in it as often.
   */
  readonly stepsMax?: number;
}

/**
 * Applies a strategic merge patch to a copy of `document`: objects merge, null removes, and a list
 * merges by its key where the schema says so. The directives `$patch`, `$retainKeys`,
 * `$setElementOrder/…` and `$deleteFromPrimitiveList/…` are obeyed and never kept.
 *
 * Fields that the schema does not know merge as objects and replace as lists.
 * Source: Kubernetes community, strategic-merge-patch.md.
 */
export function applyStrategicMergePatch(
  document: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
  { stepsMax = 50_000 }: StrategicMergeLimits = {},
): StrategicMergeOutcome {
  try {
    const merged = mergeObject(document, patch, { schema, work: { stepsLeft: stepsMax } });
    return { kind: 'patched', value: copyJson(merged) };
  } catch (error) {
    if (error instanceof PatchProblem) return { kind: error.kind, problem: error.message };
    throw error;
  }
}

/** Unwinds to `applyStrategicMergePatch`, which answers it. */
class PatchProblem extends Error {
  readonly kind: 'malformed' | 'refused' | 'too large';

  constructor(kind: PatchProblem['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What is merged is a place in the document: what its schema says, and what is left of the work. */
interface Place {
  readonly schema: Schema | undefined;
  readonly work: { stepsLeft: number };
}

/** Counts the steps that a loop is about to take. */
function spend({ work }: Place, steps: number): void {
  work.stepsLeft -= steps;
  if (work.stepsLeft < 0) {
    throw new PatchProblem('too large', 'the patch goes through too many fields and elements');
  }
}

const orderPrefix = '$setElementOrder/';
const deletionPrefix = '$deleteFromPrimitiveList/';

/** Shares with `live` and `patch` what it leaves as it is. */
function mergeObject(live: JsonObject, patch: JsonObject, place: Place): JsonObject {
  const directive = fieldOf(patch, '$patch');
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw new PatchProblem('malformed', `unknown patch type: ${show(directive)} in map`);
  }
  const draft: JsonDraft = {};
  const retained = retainedKeys(patch);
  const fields = Object.keys(live);
  const changes = Object.keys(patch);
  spend(place, fields.length + changes.length);
  for (const key of fields) {
    if (retained === undefined || retained.has(key)) setField(draft, key, live[key] ?? null);
  }
  for (const key of changes) {
    if (!key.startsWith(orderPrefix)) continue;
    const field = key.slice(orderPrefix.length);
    const order = patch[key] ?? null;
    const merged = mergeOrdered({ live: draft, patch, field, order, place });
    if (merged !== undefined) setField(draft, field, merged);
  }
  for (const key of changes) {
    const value = patch[key] ?? null;
    const isOrdered = isJsonArray(value) && Object.hasOwn(patch, orderPrefix + key);
    if (!isOrdered) mergeField(draft, { key, value, place });
  }
  return draft;
}

/** `$retainKeys`: keys that it does not name are removed. */
function retainedKeys(patch: JsonObject): ReadonlySet<JsonValue> | undefined {
  const list = fieldOf(patch, '$retainKeys');
  if (list === undefined) return undefined;
  const names = new Set(isJsonArray(list) ? list : []);
  const isComplete = Object.keys(patch).every((key) => key.startsWith('$') || names.has(key));
  if (!isJsonArray(list) || !isComplete) {
    throw new PatchProblem('malformed', 'invalid patch format of retainKeys');
  }
  return names;
}

/** What a patch says of one field of the object that it stands in. */
interface PatchField {
  readonly key: string;
  readonly value: JsonValue;
  /** Of the object. */
  readonly place: Place;
}

function mergeField(draft: JsonDraft, field: PatchField): void {
  const { key, value } = field;
  if (key.startsWith(deletionPrefix)) {
    deleteScalars(draft, { ...field, key: key.slice(deletionPrefix.length) });
    return;
  }
  if (key === '$patch' || key === '$retainKeys' || key.startsWith(orderPrefix)) return;
  if (value === null) {
    delete draft[key];
    return;
  }
  const live = fieldOf(draft, key);
  const place = placeOfField(field.place, key);
  const isReplaced = place.schema?.patchStrategy?.includes('replace') === true;
  if (isJsonObject(live) && isJsonObject(value)) {
    setField(draft, key, isReplaced ? withoutDirectives(value) : mergeObject(live, value, place));
  } else if (isJsonArray(live) && isJsonArray(value)) {
    setField(draft, key, mergesLists(place) ? mergeList(live, value, place) : value);
  } else if (isJsonObject(value) && fieldOf(value, '$patch') === 'delete') {
    delete draft[key];
  } else setField(draft, key, withoutDirectives(value));
}

function placeOfField({ schema, work }: Place, key: string): Place {
  return { schema: schema?.properties?.get(key) ?? schema?.additionalProperties, work };
}

function mergesLists({ schema }: Place): boolean {
  return schema?.patchStrategy?.includes('merge') === true;
}

function deleteScalars(draft: JsonDraft, { key, value: scalars, place }: PatchField): void {
  if (!isJsonArray(scalars) || key === '' || scalars.some((each) => typeof each === 'object')) {
    throw new PatchProblem('malformed', 'invalid patch format of primitive list');
  }
  const live = fieldOf(draft, key);
  if (!isJsonArray(live)) return;
  spend(place, live.length);
  const removed = new Set(scalars);
  setField(
    draft,
    key,
    live.filter((each) => !removed.has(each)),
  );
}

/** `$setElementOrder/x` together with `x`; undefined when there is no list to order. */
function mergeOrdered(step: {
  readonly live: JsonObject;
  readonly patch: JsonObject;
  readonly field: string;
  readonly order: JsonValue;
  readonly place: Place;
}): JsonArray | undefined {
  const { order, field } = step;
  if (!isJsonArray(order) || field === '') {
    throw new PatchProblem('malformed', 'invalid patch format of setElementOrder list');
  }
  const place = placeOfField(step.place, field);
  const live = fieldOf(step.live, field);
  const patch = fieldOf(step.patch, field);
  const liveList = isJsonArray(live) ? live : undefined;
  const patchList = isJsonArray(patch) ? patch : undefined;
  if (patchList === undefined && (patch !== undefined || liveList === undefined)) return undefined;
  spend(place, order.length + (liveList?.length ?? 0));
  const elements = [...(liveList ?? []), ...(patchList ?? [])];
  const mergeKey = isJsonObject(elements[0]) ? place.schema?.patchMergeKey : undefined;
  if (patchList !== undefined) checkOrder(patchList, order, mergeKey);
  const merged = mergeIntoList(liveList, patchList, place);
  return orderElements(merged, { wanted: order, live: liveList ?? [], mergeKey });
}

function mergeIntoList(
  live: JsonArray | undefined,
  patch: JsonArray | undefined,
  place: Place,
): JsonArray {
  if (patch === undefined) return live ?? [];
  if (live === undefined) return withoutDirectivesInList(patch);
  return mergesLists(place) ? mergeList(live, patch, place) : patch;
}

/** Every element that the patch brings must stand in the order, in the same sequence. */
function checkOrder(patch: JsonArray, order: JsonArray, mergeKey: string | undefined): void {
  let at = 0;
  for (const element of patch) {
    if (isJsonObject(element) && Object.hasOwn(element, '$patch')) continue;
    const identity = requireIdentity(element, mergeKey);
    while (at < order.length && identityOf(order[at] ?? null, mergeKey) !== identity) at += 1;
    if (at === order.length) {
      const text = `the order in patch list: ${show(patch)} doesn't match $setElementOrder list: ${show(order)}`;
      throw new PatchProblem('malformed', text);
    }
    at += 1;
  }
}

function mergeList(live: JsonArray, patch: JsonArray, place: Place): JsonArray {
  spend(place, live.length + patch.length);
  const elements = [...live, ...patch];
  const kinds = new Set(elements.map(kindOf));
  if (kinds.has('array')) throw new PatchProblem('refused', 'lists of lists are not supported');
  if (kinds.size > 1) {
    const list = [...kinds].join(', ');
    throw new PatchProblem('refused', `list element types are not identical: ${list}`);
  }
  if (!kinds.has('object')) {
    const order = { wanted: patch, live, mergeKey: undefined };
    return orderElements([...new Set(elements)], order);
  }
  const mergeKey = place.schema?.patchMergeKey;
  if (mergeKey === undefined) {
    throw new PatchProblem('refused', 'cannot merge lists without merge key');
  }
  return mergeListOfObjects(live, patch.filter(isJsonObject), { place, mergeKey });
}

function mergeListOfObjects(
  live: JsonArray,
  patch: readonly JsonObject[],
  { place, mergeKey }: { readonly place: Place; readonly mergeKey: string },
): JsonArray {
  const { changes, deleted, isReplaced } = splitDirectives(patch, mergeKey);
  if (isReplaced) return changes.map(withoutDirectives);
  const kept = live.filter((element) => {
    const identity = identityOf(element, mergeKey);
    return identity === undefined || !deleted.has(identity);
  });
  const merged = [...kept];
  const items: Place = { schema: place.schema?.items, work: place.work };
  const indexes = new Map<Identity, number>();
  for (const [index, element] of kept.entries()) {
    const identity = requireIdentity(element, mergeKey);
    if (!indexes.has(identity)) indexes.set(identity, index);
  }
  for (const change of changes) {
    const identity = requireIdentity(change, mergeKey);
    const index = indexes.get(identity);
    const found = index === undefined ? undefined : merged[index];
    if (index !== undefined && isJsonObject(found)) {
      merged[index] = mergeObject(found, change, items);
    } else {
      indexes.set(identity, merged.length);
      merged.push(withoutDirectives(change));
    }
  }
  return orderElements(merged, { wanted: changes, live: kept, mergeKey });
}

function splitDirectives(
  patch: readonly JsonObject[],
  mergeKey: string,
): {
  readonly changes: readonly JsonObject[];
  readonly deleted: ReadonlySet<Identity>;
  readonly isReplaced: boolean;
} {
  const changes: JsonObject[] = [];
  const deleted = new Set<Identity>();
  let isReplaced = false;
  for (const element of patch) {
    const directive = fieldOf(element, '$patch');
    if (directive === undefined) changes.push(element);
    else if (directive === 'delete') deleted.add(requireIdentity(element, mergeKey));
    else if (directive === 'replace') isReplaced = true;
    else if (directive === 'merge') {
      const problem = 'merging lists cannot yet be specified in the patch';
      throw new PatchProblem('malformed', problem);
    } else {
      throw new PatchProblem('malformed', `unknown patch type: ${show(directive)} in list`);
    }
  }
  return { changes, deleted, isReplaced };
}

function requireIdentity(element: JsonValue, mergeKey: string | undefined): Identity {
  const identity = identityOf(element, mergeKey);
  if (identity !== undefined) return identity;
  const problem = `map: ${show(element)} does not contain declared merge key: ${mergeKey ?? ''}`;
  throw new PatchProblem('refused', problem);
}

/** What a patch says where there is nothing yet to merge it with: no nulls, no directives. */
function withoutDirectives(value: JsonObject): JsonObject;
function withoutDirectives(value: JsonValue): JsonValue;
function withoutDirectives(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return withoutDirectivesInList(value);
  if (!isJsonObject(value)) return value;
  const draft: JsonDraft = {};
  for (const [key, field] of Object.entries(value)) {
    const isDirective =
      key === '$patch' ||
      key === '$retainKeys' ||
      key.startsWith(orderPrefix) ||
      key.startsWith(deletionPrefix);
    if (!isDirective && field !== null) setField(draft, key, withoutDirectives(field));
  }
  return draft;
}

function withoutDirectivesInList(list: JsonArray): JsonArray {
  return list
    .filter((element) => !isJsonObject(element) || !isListDirective(element))
    .map((element) => withoutDirectives(element));
}

/** An element that deletes another, or that says nothing but `$patch: replace`. */
function isListDirective(element: JsonObject): boolean {
  const directive = fieldOf(element, '$patch');
  return directive === 'delete' || (directive === 'replace' && Object.keys(element).length === 1);
}

function kindOf(value: JsonValue): string {
  return value === null ? 'null' : isJsonArray(value) ? 'array' : typeof value;
}

function show(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
