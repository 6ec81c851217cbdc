import type { Schema } from '@fairway/protocol';

/** Where a walk over an object is, and what it has found. */
export interface Walk {
  readonly unknownFields: string[];
  typeError: string | undefined;
  readonly kind: string;
  readonly root: Schema;
  readonly numberTexts: ReadonlyMap<string, string> | undefined;
  readonly isUnstructured: boolean;
  /** Field names and `[index]` steps from the root to where the walk is. */
  readonly path: string[];
}

/** How the number is written where the walk is, when it is not written as an integer. */
export function writtenAs({ numberTexts, path }: Walk): string | undefined {
  return numberTexts?.get(joined(path));
}

export function pathTo(walk: Walk, field: string): string {
  const text = joined(walk.path);
  return text === '' ? field : `${text}.${field}`;
}

function joined(path: readonly string[]): string {
  let text = '';
  for (const step of path) text += step.startsWith('[') || text === '' ? step : `.${step}`;
  return text;
}
