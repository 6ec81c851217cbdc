import { type JsonValue, fieldOf, isJsonArray, isJsonObject } from '@fairway/protocol';

/** Where values lie in an object: `.status.conditions.[] | select( .type == "Ready" ) | .status`. */
export interface FieldPath {
  readonly text: string;
  readonly steps: readonly FieldStep[];
}

type FieldStep =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'each' }
  | { readonly kind: 'select'; readonly path: FieldPath; readonly value: string };

const token =
  /\s*(?:\.\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\.?\[\s*\]|\.\s*([A-Za-z_]\w*)|\|\s*select\(([^()]*)\)|\|\s*(?=\.))\s*/y;

/**
 * Reads a path as jq has it: fields, `["a name"]`, `[]` for each, and `select(.field == "text")` between
 * bars. Errors: `RangeError` for anything else of jq.
 */
export function parseFieldPath(text: string): FieldPath {
  const steps: FieldStep[] = [];
  for (let at = 0; at < text.length;) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) throw notUnderstood(text, text.slice(at));
    const [whole, dotted, bracketed, field, selected] = match;
    at += whole.length;
    const quoted = dotted ?? bracketed;
    if (quoted !== undefined) {
      steps.push({ kind: 'field', name: JSON.parse(`"${quoted}"`) as string });
    } else if (field !== undefined) {
      steps.push({ kind: 'field', name: field });
    } else if (selected !== undefined) {
      steps.push(parseSelection(text, selected));
    } else if (whole.includes('[')) steps.push({ kind: 'each' });
  }
  if (steps.length === 0 || !text.trimStart().startsWith('.')) throw notUnderstood(text, text);
  return { text, steps };
}

function parseSelection(text: string, selection: string): FieldStep {
  const match = /^\s*(\.[^=]*?)\s*==\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(selection);
  const [, path, value] = match ?? [];
  if (path === undefined || value === undefined) throw notUnderstood(text, `select(${selection})`);
  return {
    kind: 'select',
    path: parseFieldPath(path),
    value: JSON.parse(`"${value}"`) as string,
  };
}

function notUnderstood(text: string, rest: string): RangeError {
  return new RangeError(
    `${JSON.stringify(text)} is no path at ${JSON.stringify(rest)}: write fields (.status.phase, .metadata.labels["app"]), [] for each of a list, and | select(.type == "Ready") |`,
  );
}

/** The values that lie at a path; what is absent or null is none. */
export function valuesAt({ steps }: FieldPath, object: unknown): readonly JsonValue[] {
  let values: readonly JsonValue[] = [object as JsonValue];
  for (const step of steps) {
    values = values.flatMap((value) => [...stepFrom(value, step)]);
    if (values.length === 0) return values;
  }
  return values;
}

function stepFrom(value: JsonValue, step: FieldStep): readonly JsonValue[] {
  switch (step.kind) {
    case 'field': {
      const found = isJsonObject(value) ? fieldOf(value, step.name) : undefined;
      return found === undefined || found === null ? [] : [found];
    }
    case 'each':
      if (isJsonArray(value)) return value;
      return isJsonObject(value) ? Object.values(value) : [];
    case 'select':
      return valuesAt(step.path, value).some((each) => textOf(each) === step.value) ? [value] : [];
  }
}

/** A scalar as a selector compares it. */
export function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
