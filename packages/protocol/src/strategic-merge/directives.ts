import {
  type JsonArray,
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  fieldOf,
  isJsonArray,
  isJsonObject,
  setField,
} from '../json-value.ts';
import { type Identity, identityOf, requireIdentity } from './element-order.ts';
import { PatchProblem, show } from './patch-problem.ts';

export const orderPrefix = '$setElementOrder/';
export const deletionPrefix = '$deleteFromPrimitiveList/';

/** Whether a key of a patch says how to merge, and names no field. */
export function isDirective(key: string): boolean {
  return (
    key === '$patch' ||
    key === '$retainKeys' ||
    key.startsWith(orderPrefix) ||
    key.startsWith(deletionPrefix)
  );
}

/** How a patch wants a map to be changed. */
export function directiveOfMap(patch: JsonObject): 'merge' | 'replace' | 'delete' {
  const directive = fieldOf(patch, '$patch') ?? 'merge';
  if (directive === 'merge' || directive === 'replace' || directive === 'delete') return directive;
  throw new PatchProblem('malformed', `unknown patch type: ${show(directive)} in map`);
}

/** `$retainKeys`: keys that it does not name are removed. */
export function retainedKeys(patch: JsonObject): ReadonlySet<JsonValue> | undefined {
  const list = fieldOf(patch, '$retainKeys');
  if (list === undefined) return undefined;
  const names = new Set(isJsonArray(list) ? list : []);
  const isComplete = Object.keys(patch).every((key) => key.startsWith('$') || names.has(key));
  if (!isJsonArray(list) || !isComplete) {
    throw new PatchProblem('malformed', 'invalid patch format of retainKeys');
  }
  return names;
}

/** Every element that the patch brings must stand in the order, in the same sequence. */
export function checkOrder(patch: JsonArray, order: JsonArray, mergeKey: string | undefined): void {
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

/** Parts the elements of a patch for a list of maps: those that bring something, and what others want. */
export function splitDirectives(
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

/** What a patch says where there is nothing yet to merge it with: no nulls, no directives. */
export function withoutDirectives(value: JsonObject): JsonObject;
export function withoutDirectives(value: JsonValue): JsonValue;
export function withoutDirectives(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return withoutDirectivesInList(value);
  if (!isJsonObject(value)) return value;
  const draft: JsonDraft = {};
  for (const [key, field] of Object.entries(value)) {
    if (!isDirective(key) && field !== null) setField(draft, key, withoutDirectives(field));
  }
  return draft;
}

/** As `withoutDirectives`, of the elements of a list. */
export function withoutDirectivesInList(list: JsonArray): JsonArray {
  return list
    .filter((element) => !isJsonObject(element) || !isListDirective(element))
    .map((element) => withoutDirectives(element));
}

/** An element that deletes another, or that says nothing but `$patch: replace`. */
function isListDirective(element: JsonObject): boolean {
  const directive = fieldOf(element, '$patch');
  return directive === 'delete' || (directive === 'replace' && Object.keys(element).length === 1);
}
