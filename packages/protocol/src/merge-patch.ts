import {
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  copyJson,
  isJsonObject,
  setField,
} from './json-value.ts';

/** Applies a JSON merge patch to a copy of `target`: null removes, objects merge. RFC 7396. */
export function applyMergePatch(target: JsonValue, patch: JsonValue): JsonValue {
  return isJsonObject(patch) ? merge(target, patch) : copyJson(patch);
}

function merge(target: JsonValue | undefined, patch: JsonObject): JsonObject {
  const draft: JsonDraft = {};
  if (isJsonObject(target)) {
    for (const [key, value] of Object.entries(target)) {
      if (!Object.hasOwn(patch, key)) setField(draft, key, copyJson(value));
      else mergeField(draft, { key, value, patch: patch[key] ?? null });
    }
  }
  for (const [key, value] of Object.entries(patch)) {
    const isDone = isJsonObject(target) && Object.hasOwn(target, key);
    if (!isDone) mergeField(draft, { key, value: undefined, patch: value });
  }
  return draft;
}

function mergeField(
  draft: JsonDraft,
  { key, value, patch }: { key: string; value: JsonValue | undefined; patch: JsonValue },
): void {
  if (patch === null) return;
  setField(draft, key, isJsonObject(patch) ? merge(value, patch) : copyJson(patch));
}
