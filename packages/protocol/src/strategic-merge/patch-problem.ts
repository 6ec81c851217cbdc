import { stringifyJson } from '../json-text.ts';
import type { JsonValue } from '../json-value.ts';

/** Unwinds to `applyStrategicMergePatch`, which answers it. */
export class PatchProblem extends Error {
  readonly kind: 'malformed' | 'refused' | 'too large';

  constructor(kind: PatchProblem['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A value in a message, not all of a long one. */
export function show(value: JsonValue): string {
  const text = stringifyJson(value) ?? 'null';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
