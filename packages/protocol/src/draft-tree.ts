import { type JsonDraft, type JsonValue, isJsonArray, setField } from './json-value.ts';

/**
 * A JSON document while it is changed many times. Its objects are maps: adding, removing and going
 * through the fields of a large object of JavaScript may each take as long as the object is large.
 */
export type DraftTree =
  | null
  | boolean
  | number
  | bigint
  | string
  | DraftTree[]
  | Map<string, DraftTree>;

/** Makes a draft of JSON; undefined when it is deeper than `depthMax`. */
export function growDraft(value: JsonValue, depthMax: number): DraftTree | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (depthMax <= 0) return undefined;
  if (isJsonArray(value)) {
    const items: DraftTree[] = [];
    for (const each of value) {
      const item = growDraft(each, depthMax - 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }
  const fields = new Map<string, DraftTree>();
  for (const key of Object.keys(value)) {
    const field = growDraft(value[key] ?? null, depthMax - 1);
    if (field === undefined) return undefined;
    fields.set(key, field);
  }
  return fields;
}

/** Makes JSON of a draft, fresh; undefined when it is deeper than `depthMax`. */
export function readDraft(draft: DraftTree, depthMax: number): JsonValue | undefined {
  if (typeof draft !== 'object' || draft === null) return draft;
  if (depthMax <= 0) return undefined;
  if (Array.isArray(draft)) {
    const items: JsonValue[] = [];
    for (const each of draft) {
      const item = readDraft(each, depthMax - 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }
  const object: JsonDraft = {};
  for (const [key, value] of draft) {
    const field = readDraft(value, depthMax - 1);
    if (field === undefined) return undefined;
    setField(object, key, field);
  }
  return object;
}

/** What copies may take; counted down as they are made. */
export interface CopyBudget {
  /** As JSON. */
  bytesLeft: number;
  /** Fields and elements. */
  valuesLeft: number;
}

/** Tells whether a copy was given up because it was too much. */
export function isSpent({ bytesLeft, valuesLeft }: CopyBudget): boolean {
  return bytesLeft < 0 || valuesLeft < 0;
}

/** Copies a draft to its depth; undefined when it is deeper than `depthMax` or beyond the budget. */
export function copyDraft(
  draft: DraftTree,
  depthMax: number,
  budget: CopyBudget,
): DraftTree | undefined {
  if (typeof draft !== 'object' || draft === null) {
    // As many as the text has, without the escapes.
    budget.bytesLeft -= String(draft).length + (typeof draft === 'string' ? 2 : 0);
    return budget.bytesLeft < 0 ? undefined : draft;
  }
  budget.bytesLeft -= 2;
  budget.valuesLeft -= Array.isArray(draft) ? draft.length : draft.size;
  if (depthMax <= 0 || isSpent(budget)) return undefined;
  if (Array.isArray(draft)) {
    const items: DraftTree[] = [];
    for (const each of draft) {
      budget.bytesLeft -= 1;
      const item = copyDraft(each, depthMax - 1, budget);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }
  const fields = new Map<string, DraftTree>();
  for (const [key, value] of draft) {
    budget.bytesLeft -= key.length + 4;
    const field = copyDraft(value, depthMax - 1, budget);
    if (field === undefined) return undefined;
    fields.set(key, field);
  }
  return fields;
}

/** Tells whether a draft says the same as JSON; the order of fields says nothing. */
export function isDraftEqual(draft: DraftTree, value: JsonValue): boolean {
  if (typeof draft !== 'object' || draft === null) return draft === value;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(draft)) {
    if (!isJsonArray(value) || draft.length !== value.length) return false;
    return draft.every((each, index) => isDraftEqual(each, value[index] ?? null));
  }
  if (isJsonArray(value)) return false;
  const keys = Object.keys(value);
  return (
    keys.length === draft.size &&
    keys.every((key) => {
      const field = draft.get(key);
      return field !== undefined && isDraftEqual(field, value[key] ?? null);
    })
  );
}
