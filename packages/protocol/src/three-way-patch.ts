import {
  type JsonArray,
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  equalsJson,
  fieldOf,
  isJsonArray,
  isJsonObject,
  setField,
} from './json-value.ts';
import type { Schema } from './schema.ts';
import { deletionPrefix, orderPrefix } from './strategic-merge/directives.ts';
import { type Identity, identityOf } from './strategic-merge/element-order.ts';

/** An object, or a part of it, as it was wanted, is wanted, and is. */
export interface ThreeWays<T> {
  /** What was wanted the last time. */
  readonly original: T;
  readonly modified: T;
  readonly current: T;
}

/**
 * The patch that gives an object what is wanted of it, takes away what was wanted and no longer is, and
 * leaves what others have added; `{}` where there is nothing to do.
 *
 * With the schema of a built-in kind it is a strategic merge patch, whose lists merge by their keys;
 * without one it is a merge patch (RFC 7396). Source: Kubernetes, declarative management of objects.
 */
export function threeWayPatch(ways: ThreeWays<JsonObject>, schema: Schema | undefined): JsonObject {
  const patch: JsonDraft = {};
  const { original, modified, current } = ways;
  for (const [key, value] of Object.entries(modified)) {
    const field = {
      original: fieldOf(original, key),
      modified: value,
      current: fieldOf(current, key),
    };
    const within = schema?.properties?.get(key) ?? schema?.additionalProperties;
    patchField(patch, { key, field, schema: within });
  }
  for (const key of Object.keys(original)) {
    if (!Object.hasOwn(modified, key) && Object.hasOwn(current, key)) setField(patch, key, null);
  }
  return patch;
}

interface PatchedField {
  readonly key: string;
  readonly field: ThreeWays<JsonValue | undefined> & { readonly modified: JsonValue };
  readonly schema: Schema | undefined;
}

function patchField(patch: JsonDraft, { key, field, schema }: PatchedField): void {
  const { original, modified, current } = field;
  const strategies = schema?.patchStrategy ?? [];
  if (current === undefined) {
    if (modified !== null) setField(patch, key, modified);
  } else if (isJsonObject(modified) && isJsonObject(current) && !strategies.includes('replace')) {
    const before = isJsonObject(original) ? original : {};
    const within = threeWayPatch({ original: before, modified, current }, schema);
    if (Object.keys(within).length === 0) return;
    const retained = strategies.includes('retainKeys')
      ? { $retainKeys: Object.keys(modified) }
      : {};
    setField(patch, key, { ...within, ...retained });
  } else if (isJsonArray(modified) && isJsonArray(current) && strategies.includes('merge')) {
    const before = isJsonArray(original) ? original : [];
    patchList(patch, { key, field: { original: before, modified, current }, schema });
  } else if (!equalsJson(modified, current)) setField(patch, key, modified);
}

interface PatchedList {
  readonly key: string;
  readonly field: ThreeWays<JsonArray>;
  readonly schema: Schema | undefined;
}

function patchList(patch: JsonDraft, list: PatchedList): void {
  const { key, field, schema } = list;
  const { original, modified, current } = field;
  const mergeKey = schema?.patchMergeKey;
  const byIdentity = (elements: JsonArray): Map<Identity | undefined, JsonValue> =>
    new Map(elements.map((element) => [identityOf(element, mergeKey), element]));
  const [before, wanted, live] = [original, modified, current].map(byIdentity) as [
    ReturnType<typeof byIdentity>,
    ReturnType<typeof byIdentity>,
    ReturnType<typeof byIdentity>,
  ];
  const changes: JsonValue[] = [];
  for (const [identity, element] of wanted) {
    const found = live.get(identity);
    if (found === undefined) changes.push(element);
    else if (mergeKey !== undefined && isJsonObject(element) && isJsonObject(found)) {
      const was = before.get(identity);
      const ways = { original: isJsonObject(was) ? was : {}, modified: element, current: found };
      const within = threeWayPatch(ways, schema?.items);
      if (Object.keys(within).length > 0) {
        changes.push({ [mergeKey]: fieldOf(element, mergeKey) ?? null, ...within });
      }
    }
  }
  const gone = [...before.keys()].filter((identity) => !wanted.has(identity) && live.has(identity));
  const isOrdered = equalsJson(
    [...live.keys()].filter((identity) => wanted.has(identity)),
    [...wanted.keys()].filter((identity) => live.has(identity)),
  );
  if (changes.length + gone.length === 0 && isOrdered) return;
  if (mergeKey === undefined) {
    if (gone.length > 0) setField(patch, deletionPrefix + key, gone as JsonArray);
  } else {
    changes.push(...gone.map((identity) => ({ $patch: 'delete', [mergeKey]: identity ?? null })));
  }
  if (changes.length > 0) setField(patch, key, changes);
  setField(
    patch,
    orderPrefix + key,
    modified.map((element) => orderOf(element, mergeKey)),
  );
}

function orderOf(element: JsonValue, mergeKey: string | undefined): JsonValue {
  if (mergeKey === undefined || !isJsonObject(element)) return element;
  return { [mergeKey]: fieldOf(element, mergeKey) ?? null };
}
