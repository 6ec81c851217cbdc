import type { Schema } from '@fairway/protocol';
import { type Conformity, conformToSchema, isJsonObject, unknownFieldsMax } from './conform.ts';

type Json = Record<string, unknown>;

/**
 * Drops what the structural schema of a custom resource does not know, and nothing where the schema
 * keeps unknown fields. Wrong types stay: they are found when the object is validated, save in
 * metadata, which is the same for every kind. Changes `draft` in place.
 *
 * Source: Kubernetes documentation, CustomResourceDefinitions, "Field pruning".
 */
export function pruneToSchema(draft: object, { schema }: { readonly schema: Schema }): Conformity {
  const walk: Walk = { unknownFields: [], typeError: undefined };
  prune(draft, schema, { walk, path: '' });
  walk.unknownFields.sort();
  return walk;
}

interface Walk {
  readonly unknownFields: string[];
  typeError: string | undefined;
}

interface Place {
  readonly walk: Walk;
  readonly path: string;
}

function prune(value: unknown, schema: Schema, place: Place): void {
  if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      const child = schema.items ?? unknownItems(schema);
      prune(item, child, { ...place, path: `${place.path}[${index}]` });
    });
  } else if (isJsonObject(value)) {
    pruneObject(value, schema, place);
  }
}

/** Below a list that is kept whole, everything is kept. */
function unknownItems({ preservesUnknownFields }: Schema): Schema {
  return preservesUnknownFields === true ? { preservesUnknownFields } : {};
}

function pruneObject(object: Json, schema: Schema, { walk, path }: Place): void {
  const isWholeObject = schema.isEmbeddedResource === true;
  for (const field of Object.keys(object)) {
    const fieldPath = path === '' ? field : `${path}.${field}`;
    const child = schema.properties?.get(field) ?? schema.additionalProperties;
    if (isWholeObject && field === 'metadata') {
      conformMetadata(object, child ?? {}, { walk, path: fieldPath });
    } else if (isWholeObject && (field === 'apiVersion' || field === 'kind')) {
      continue;
    } else if (child !== undefined) {
      prune(object[field], child, { walk, path: fieldPath });
    } else if (schema.preservesUnknownFields !== true) {
      delete object[field];
      note(fieldPath, walk);
    }
  }
}

function note(path: string, { unknownFields }: Walk): void {
  if (unknownFields.length < unknownFieldsMax) unknownFields.push(path);
}

function conformMetadata(object: Json, schema: Schema, { walk, path }: Place): void {
  const metadata = object['metadata'];
  if (metadata === null) {
    delete object['metadata'];
  } else if (!isJsonObject(metadata)) {
    walk.typeError ??= `${path} must be an object`;
  } else {
    const { unknownFields, typeError } = conformToSchema(metadata, { schema, kind: 'ObjectMeta' });
    for (const each of unknownFields) note(`${path}.${each}`, walk);
    walk.typeError ??= typeError;
  }
}
