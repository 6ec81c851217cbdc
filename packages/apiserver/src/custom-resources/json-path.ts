import {
  JsonPathError,
  type JsonPathStep,
  evaluateJsonPath,
  parseJsonPath as parseSteps,
} from '@fairway/protocol';

/** Finds values in an object: what a printer column or a selectable field shows. */
export type JsonPath = (object: unknown) => readonly unknown[];

/** What `parseJsonPath` made of a text. */
export type ParsedJsonPath =
  | { readonly kind: 'parsed'; readonly find: JsonPath }
  | { readonly kind: 'malformed'; readonly problem: string };

/** Reads the path of a definition; where it does not fit an object, it finds nothing there. */
export function parseJsonPath(text: string): ParsedJsonPath {
  try {
    const steps = parseSteps(text);
    return { kind: 'parsed', find: (object) => find(steps, object) };
  } catch (error) {
    if (error instanceof JsonPathError) return { kind: 'malformed', problem: error.message };
    throw error;
  }
}

function find(steps: readonly JsonPathStep[], object: unknown): readonly unknown[] {
  try {
    return evaluateJsonPath(steps, object);
  } catch (error) {
    if (error instanceof JsonPathError) return [];
    throw error;
  }
}
