import { type JsonValue, equalsJson, isJsonObject, pointerStep } from '@fairway/protocol';

/** One step of a JSON patch. Source: RFC 6902. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string };

/** The JSON patch that makes `after` of `before`; nothing for the same. Lists are compared place by place. */
export function jsonPatchBetween(
  before: JsonValue,
  after: JsonValue,
): readonly JsonPatchOperation[] {
  const operations: JsonPatchOperation[] = [];
  compare(before, after, { path: '', operations });
  return operations;
}

interface Comparison {
  readonly path: string;
  readonly operations: JsonPatchOperation[];
}

function compare(before: JsonValue, after: JsonValue, { path, operations }: Comparison): void {
  if (isJsonObject(before) && isJsonObject(after))
    compareObjects(before, after, { path, operations });
  else if (Array.isArray(before) && Array.isArray(after)) {
    compareLists(before, after, { path, operations });
  } else if (!equalsJson(before, after)) operations.push({ op: 'replace', path, value: after });
}

function compareObjects(
  before: Readonly<Record<string, JsonValue>>,
  after: Readonly<Record<string, JsonValue | undefined>>,
  { path, operations }: Comparison,
): void {
  for (const key of Object.keys(before)) {
    // JSON has no undefined.
    if (!Object.hasOwn(after, key) || after[key] === undefined)
      operations.push({ op: 'remove', path: `${path}/${pointerStep(key)}` });
  }
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined) continue;
    const place = `${path}/${pointerStep(key)}`;
    const had = Object.hasOwn(before, key) ? before[key] : undefined;
    if (had === undefined) operations.push({ op: 'add', path: place, value });
    else compare(had, value, { path: place, operations });
  }
}

function compareLists(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  { path, operations }: Comparison,
): void {
  for (const [at, value] of after.entries()) {
    const had = before[at];
    if (had === undefined) operations.push({ op: 'add', path: `${path}/-`, value });
    else compare(had, value, { path: `${path}/${at}`, operations });
  }
  // From the end, so that each is still where it was.
  for (let at = before.length - 1; at >= after.length; at--) {
    operations.push({ op: 'remove', path: `${path}/${at}` });
  }
}
