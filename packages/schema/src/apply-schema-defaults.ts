import type { Schema } from '@fairway/protocol';
import { isJsonObject } from './conform.ts';

/**
 * Fills in what the caller left out, as the schema of a custom resource says, in place. Null counts
 * as left out where the schema does not allow it.
 *
 * Source: Kubernetes documentation, CustomResourceDefinitions, "Defaulting and Nullable".
 */
export function applySchemaDefaults(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return;
    value.forEach((item: unknown, index) => {
      if (isMissing(item, items) && items.default !== undefined) value[index] = copy(items.default);
      applySchemaDefaults(value[index], items);
    });
  } else if (isJsonObject(value)) {
    fillObject(value, schema);
  }
}

function fillObject(object: Record<string, unknown>, schema: Schema): void {
  for (const [field, child] of schema.properties ?? []) {
    const isLeftOut = !Object.hasOwn(object, field) || isMissing(object[field], child);
    if (child.default !== undefined && isLeftOut) object[field] = copy(child.default);
  }
  for (const field of Object.keys(object)) {
    const child = schema.properties?.get(field) ?? schema.additionalProperties;
    if (child === undefined) continue;
    if (isMissing(object[field], child)) {
      if (child.default === undefined) delete object[field];
      else object[field] = copy(child.default);
    }
    applySchemaDefaults(object[field], child);
  }
}

function isMissing(value: unknown, schema: Schema): boolean {
  if (value !== null || schema.isNullable === true) return false;
  return (
    schema.type !== undefined ||
    schema.isIntOrString === true ||
    schema.preservesUnknownFields === true
  );
}

/** Defaults are JSON, and the draft that they go into may be changed. */
function copy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
