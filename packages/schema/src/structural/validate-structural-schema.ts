import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import {
  type FieldError,
  type JsonValue,
  copyJson,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import { pruneToSchema } from '../prune.ts';
import { patternOf, validateValue } from '../validate-value.ts';
import type { PlacedSchema } from './placed-schema.ts';
import { keywordErrors } from './validate-keywords.ts';
import { listTypeErrors } from './validate-list-type.ts';
import { structuralSchema } from './structural-schema.ts';
import { completenessErrors, nestedErrors } from './validate-nested-schemas.ts';

/**
 * All that keeps the schema of a custom resource from being structural.
 *
 * Source: Kubernetes documentation, CustomResourceDefinitions, "Specifying a structural schema".
 */
export function validateStructuralSchema(root: PlacedSchema): readonly FieldError[] {
  const malformed = keywordErrors(root);
  if (malformed.length > 0) return malformed;
  return [...schemaErrors(root, 'root'), ...completenessErrors(root)];
}

type Level = 'root' | 'field' | 'item';

function schemaErrors(placed: PlacedSchema, level: Level): readonly FieldError[] {
  const { schema, path } = placed;
  const { items, properties, additionalProperties } = schema;
  const errors = [
    ...unsupportedKeywords(placed),
    ...typeErrors(placed, level),
    ...objectFieldErrors(placed, level),
    ...listTypeErrors(placed),
    ...nestedErrors(placed),
    ...defaultErrors(placed, level),
  ];
  if (isOpenApiSchema(items))
    errors.push(...schemaErrors({ schema: items, path: `${path}.items` }, 'item'));
  for (const [name, child] of Object.entries(isOpenApiSchema(properties) ? properties : {})) {
    const place = { schema: child as OpenApiSchema, path: `${path}.properties[${name}]` };
    errors.push(...schemaErrors(place, 'field'));
  }
  if (isOpenApiSchema(additionalProperties)) {
    const place = { schema: additionalProperties, path: `${path}.additionalProperties` };
    errors.push(...schemaErrors(place, 'field'));
  }
  return errors;
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const notSupported = [
  '$ref',
  'definitions',
  'dependencies',
  'patternProperties',
  'additionalItems',
  'id',
  '$schema',
];

function unsupportedKeywords({ schema, path }: PlacedSchema): readonly FieldError[] {
  const errors = notSupported
    .filter((keyword) => schema[keyword] !== undefined)
    .map((keyword) => forbiddenField(`${path}.${keyword}`, `${keyword} is not supported`));
  if (schema['uniqueItems'] === true) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbiddenField(`${path}.uniqueItems`, text));
  }
  if (schema['additionalProperties'] === false) {
    const text = 'additionalProperties cannot be set to false';
    errors.push(forbiddenField(`${path}.additionalProperties`, text));
  }
  if (schema['additionalProperties'] !== undefined && isOpenApiSchema(schema['properties'])) {
    const text = 'additionalProperties and properties are mutual exclusive';
    if (Object.keys(schema['properties']).length > 0) {
      errors.push(forbiddenField(`${path}.additionalProperties`, text));
    }
  }
  if (Array.isArray(schema['items'])) {
    errors.push(forbiddenField(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const field = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push(invalidValue(field, false, 'must be true or undefined'));
  }
  return [...errors, ...patternErrors({ schema, path })];
}

function patternErrors({ schema, path }: PlacedSchema): readonly FieldError[] {
  const { pattern } = schema;
  if (typeof pattern !== 'string') return [];
  try {
    patternOf(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const text = `must be a valid regular expression, but isn't: ${error.message}`;
    return [invalidValue(`${path}.pattern`, pattern, text)];
  }
}

const missingTypes: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  field: 'must not be empty for specified object fields',
  item: 'must not be empty for specified array items',
};

function typeErrors({ schema, path }: PlacedSchema, level: Level): readonly FieldError[] {
  const { type, items } = schema;
  const field = `${path}.type`;
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const isUntyped =
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isEmbedded && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true';
    return [type === undefined ? required(field, text) : invalidValue(field, type, text)];
  }
  if (type === undefined || type === '')
    return isUntyped ? [] : [required(field, missingTypes[level])];
  if (type === 'null') {
    return [forbiddenField(field, 'type cannot be set to null, use nullable as an alternative')];
  }
  if (!types.includes(String(type))) return [unsupported(field, type, types)];
  if (level === 'root' && type !== 'object')
    return [invalidValue(field, type, 'must be object at the root')];
  if (schema['x-kubernetes-int-or-string'] === true) {
    const text = 'must be empty if x-kubernetes-int-or-string is true';
    return [invalidValue(field, type, text)];
  }
  return type === 'array' && items === undefined
    ? [required(`${path}.items`, 'must be specified')]
    : [];
}

/** What every object has, an author may not redefine, save that names can be narrowed. */
function objectFieldErrors({ schema, path }: PlacedSchema, level: Level): readonly FieldError[] {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  if (level !== 'root' && !isEmbedded) return [];
  const errors: FieldError[] = [];
  const properties = isOpenApiSchema(schema['properties']) ? schema['properties'] : {};
  if (schema['additionalProperties'] !== undefined) {
    const text = isEmbedded
      ? 'must not be used if x-kubernetes-embedded-resource is set'
      : 'must not be used at the root';
    errors.push(forbiddenField(`${path}.additionalProperties`, text));
  }
  for (const name of ['kind', 'apiVersion']) {
    const child = properties[name];
    if (isOpenApiSchema(child) && child['type'] !== 'string') {
      errors.push(
        invalidValue(`${path}.properties[${name}].type`, child['type'], 'must be string'),
      );
    }
  }
  const { metadata } = properties;
  const at = `${path}.properties[metadata]`;
  if (isOpenApiSchema(metadata) && metadata['type'] !== 'object') {
    errors.push(invalidValue(`${at}.type`, metadata['type'], 'must be object'));
  }
  if (isOpenApiSchema(metadata) && level === 'root' && !isNarrowed(metadata)) {
    const text =
      'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbiddenField(at, text));
  }
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isEmbedded && !keepsUnknown && Object.keys(properties).length === 0) {
    const text =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${path}.properties`, text));
  }
  return errors;
}

function isNarrowed({ type: _, description: __, properties, ...rest }: OpenApiSchema): boolean {
  const names = Object.keys(isOpenApiSchema(properties) ? properties : {});
  return (
    Object.keys(rest).length === 0 && names.every((name) => /^(name|generateName)$/.test(name))
  );
}

function defaultErrors({ schema, path }: PlacedSchema, level: Level): readonly FieldError[] {
  const { default: value } = schema;
  if (value === undefined) return [];
  const field = `${path}.default`;
  if (level === 'root' && Object.keys(schema).includes('default') && !isOpenApiSchema(value)) {
    return [invalidValue(field, value, 'must be an object')];
  }
  const linked = structuralSchema(schema);
  const pruned = copyJson(value as JsonValue);
  const unknown =
    typeof pruned === 'object' && pruned !== null
      ? pruneToSchema(pruned, { schema: linked })
      : undefined;
  const errors: FieldError[] = validateValue({ value, path: '' }, linked).map((error) => ({
    ...error,
    field: error.field === '<nil>' || error.field === '' ? field : `${field}.${error.field}`,
  }));
  if (unknown !== undefined && unknown.unknownFields.length > 0) {
    errors.push(invalidValue(field, value, 'must not have unknown fields'));
  }
  return errors;
}
