import { type Schema, jsonTypeOf, stringifyJson } from '@fairway/protocol';
import { type Conformity, conformToSchema, unknownFieldsMax } from './conform/conform.ts';
import { type Json, isJsonObject } from './json-value.ts';

/**
 * Drops what the structural schema of a custom resource does not know, and nothing where the schema
 * keeps unknown fields. Wrong types stay: they are found when the object is validated, save in
 * metadata, which is the same for every kind. Changes `draft` in place.
 *
 * Source: Kubernetes documentation, CustomResourceDefinitions, "Field pruning".
 */
export function pruneToSchema(draft: object, { schema }: { readonly schema: Schema }): Conformity {
  const walk: Walk = { unknownFields: [], embeddedFields: [], typeError: undefined };
  prune(draft, schema, { walk, path: '' });
  walk.unknownFields.sort();
  const room = unknownFieldsMax - walk.unknownFields.length;
  walk.unknownFields.push(...walk.embeddedFields.slice(0, room));
  return walk;
}

interface Walk {
  readonly unknownFields: string[];
  /** In the metadata of embedded objects; told of last. */
  readonly embeddedFields: string[];
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
      if (typeof object[field] === 'string') continue;
      walk.typeError ??= `${fieldPath}: Invalid value: ${stringifyJson(object[field])}: must be a string`;
    } else if (child !== undefined) {
      prune(object[field], child, { walk, path: fieldPath });
    } else if (schema.preservesUnknownFields !== true) {
      delete object[field];
      note(fieldPath, walk.unknownFields);
    }
  }
}

function note(path: string, fields: string[]): void {
  if (fields.length < unknownFieldsMax) fields.push(path);
}

function conformMetadata(object: Json, schema: Schema, { walk, path }: Place): void {
  const metadata = object['metadata'];
  if (metadata === null) {
    delete object['metadata'];
    return;
  }
  const isRoot = path === 'metadata';
  const where = isRoot ? '' : `${path}: Invalid value: ${stringifyJson(metadata)}: `;
  if (!isJsonObject(metadata)) {
    const type = jsonTypeOf(metadata);
    walk.typeError ??= `${where}json: cannot unmarshal ${type} into Go value of type v1.ObjectMeta`;
    return;
  }
  const { unknownFields, typeError } = conformToSchema(metadata, { schema, kind: 'ObjectMeta' });
  const fields = isRoot ? walk.unknownFields : walk.embeddedFields;
  for (const each of unknownFields) note(`${path}.${each}`, fields);
  if (typeError !== undefined) walk.typeError ??= `${where}${typeError}`;
}
