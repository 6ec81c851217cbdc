import {
  type JsonArray,
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  copyJson,
  fieldOf,
  isJsonArray,
  isJsonObject,
  jsonTypeOf,
  setField,
} from './json-value.ts';
import type { Schema } from './schema.ts';
import {
  checkOrder,
  deletionPrefix,
  directiveOfMap,
  isDirective,
  orderPrefix,
  retainedKeys,
  splitDirectives,
  withoutDirectives,
  withoutDirectivesInList,
} from './strategic-merge/directives.ts';
import {
  type Identity,
  identityOf,
  orderElements,
  requireIdentity,
} from './strategic-merge/element-order.ts';
import { PatchProblem } from './strategic-merge/patch-problem.ts';

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

/** Shares with `live` and `patch` what it leaves as it is. */
function mergeObject(live: JsonObject, patch: JsonObject, place: Place): JsonObject {
  const directive = directiveOfMap(patch);
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
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
  if (isDirective(key)) return;
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

function kindOf(value: JsonValue): string {
  return value === null ? 'null' : jsonTypeOf(value);
}
