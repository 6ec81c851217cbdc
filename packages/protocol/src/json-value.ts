/** JSON as `parseJson` makes it: a `bigint` is an integer that no number holds exactly. */
export type JsonValue = null | boolean | number | bigint | string | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** A JSON object that its maker still works on. */
export type JsonDraft = Record<string, JsonValue>;

/** Tells an object from null, an array and everything else. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells an array from everything else. */
export function isJsonArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

/** What messages of the API call the type of a value: `array`, `bool`, `number`, `object`, `string`. */
export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

/** Reads an own field; what every object inherits (`constructor`) is not one. */
export function fieldOf(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Writes a field, also one named `__proto__`, which plain assignment would make a prototype of. */
export function setField(draft: JsonDraft, key: string, value: JsonValue): void {
  if (key !== '__proto__') draft[key] = value;
  else {
    const attributes = { value, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(draft, key, attributes);
  }
}

/** Copies a value to its depth, so that the copy may be changed. */
export function copyJson<T extends JsonValue>(value: T): T;
export function copyJson(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map((each) => copyJson(each));
  if (!isJsonObject(value)) return value;
  const draft: JsonDraft = {};
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (field !== undefined) setField(draft, key, copyJson(field));
  }
  return draft;
}

/**
 * Tells whether two values are the same JSON. The order of fields says nothing, and a field that is
 * `undefined` is not there, as in `JSON.stringify`. `effort`, when given, hears of each comparison.
 */
export function equalsJson(
  left: unknown,
  right: unknown,
  effort?: { add(steps: number): void },
): boolean {
  effort?.add(1);
  if (left === right) return true;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((each, index) => equalsJson(each, right[index], effort));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  for (const key of Object.keys(left)) {
    if (!equalsJson(left[key], fieldOf(right, key), effort)) return false;
  }
  for (const key of Object.keys(right)) {
    if (right[key] !== undefined && !Object.hasOwn(left, key)) return false;
  }
  return true;
}
