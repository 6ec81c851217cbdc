import { type Schema, parseJson, stringifyJson } from '@fairway/protocol';
import { isJsonObject } from './json-value.ts';

/** What defaults may add to an object; counted down as they do. */
export interface DefaultsBudget {
  /** As JSON. */
  bytesLeft: number;
}

/**
 * Fills in what the caller left out, as the schema of a custom resource says, in place. Null counts
 * as left out where the schema does not allow it. Stops when the budget is used up.
 *
 * Source: Kubernetes documentation, CustomResourceDefinitions, "Defaulting and Nullable".
 */
export function applySchemaDefaults(value: unknown, schema: Schema, budget: DefaultsBudget): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return;
    for (let index = 0; index < value.length && budget.bytesLeft >= 0; index++) {
      if (isMissing(value[index], items) && items.default !== undefined) {
        value[index] = copy(items.default, budget);
      }
      applySchemaDefaults(value[index], items, budget);
    }
  } else if (isJsonObject(value)) {
    fillObject(value, schema, budget);
  }
}

function fillObject(object: Record<string, unknown>, schema: Schema, budget: DefaultsBudget): void {
  for (const [field, child] of schema.properties ?? []) {
    if (budget.bytesLeft < 0) return;
    const isLeftOut = !Object.hasOwn(object, field) || isMissing(object[field], child);
    if (child.default === undefined || !isLeftOut) continue;
    budget.bytesLeft -= field.length + fieldBytes;
    object[field] = copy(child.default, budget);
  }
  for (const field of Object.keys(object)) {
    const child = schema.properties?.get(field) ?? schema.additionalProperties;
    if (child === undefined) continue;
    if (isMissing(object[field], child)) {
      if (child.default === undefined) delete object[field];
      else object[field] = copy(child.default, budget);
    }
    applySchemaDefaults(object[field], child, budget);
    if (budget.bytesLeft < 0) return;
  }
}

/** Two quotes, a colon, a comma. */
const fieldBytes = 4;

function isMissing(value: unknown, schema: Schema): boolean {
  if (value !== null || schema.isNullable === true) return false;
  return (
    schema.type !== undefined ||
    schema.isIntOrString === true ||
    schema.preservesUnknownFields === true
  );
}

/** Defaults are JSON, and the draft that they go into may be changed. */
function copy(value: unknown, budget: DefaultsBudget): unknown {
  const json = stringifyJson(value) ?? 'null';
  budget.bytesLeft -= json.length;
  return typeof value === 'object' ? parseJson(json) : value;
}
