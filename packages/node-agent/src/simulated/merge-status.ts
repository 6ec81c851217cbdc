import {
  type JsonObject,
  type JsonValue,
  equalsJson,
  fieldOf,
  isJsonArray,
  isJsonObject,
} from '@fairway/protocol';

/**
 * Lays what a stage says over a status: objects field by field, elements of lists that have a `type` or a
 * `name` over those with the same one. The same status where nothing changes; null takes a field away.
 */
export function mergeStatus(status: JsonObject, patch: JsonObject): JsonObject {
  const merged = mergeObject(status, patch);
  return equalsJson(merged, status) ? status : merged;
}

function mergeObject(before: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, JsonValue> = { ...before };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergeValue(fieldOf(before, name), value);
  }
  return merged;
}

function mergeValue(before: JsonValue | undefined, value: JsonValue): JsonValue {
  if (isJsonObject(value)) return mergeObject(isJsonObject(before) ? before : {}, value);
  if (!isJsonArray(value) || !isJsonArray(before)) return value;
  const key = (['type', 'name'] as const).find((each) => value.every((item) => hasKey(item, each)));
  if (key === undefined) return value;
  const merged = before.map((item) => {
    const over = value.find((each) => isSame(each, item, key));
    return over === undefined ? item : mergeValue(item, over);
  });
  const added = value.filter((each) => !before.some((item) => isSame(each, item, key)));
  return [...merged, ...added];
}

function hasKey(item: JsonValue, key: string): boolean {
  return isJsonObject(item) && typeof fieldOf(item, key) === 'string';
}

function isSame(one: JsonValue, other: JsonValue, key: string): boolean {
  return isJsonObject(one) && isJsonObject(other) && fieldOf(one, key) === fieldOf(other, key);
}
