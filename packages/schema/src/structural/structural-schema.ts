import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import { type Schema, type SchemaConstraints, schemaKeywords } from '@fairway/protocol';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Links the schema of a custom resource as its author wrote it, with the constraints on its values.
 *
 * `objectMeta`, when given, is what the metadata of the object and of every embedded one must be;
 * without it, metadata is what the author says, which is how names are constrained.
 */
export function structuralSchema(source: OpenApiSchema, objectMeta?: Schema): Schema {
  const root = link(source, objectMeta);
  return objectMeta === undefined ? root : withObjectFields(root, objectMeta);
}

function link(source: OpenApiSchema, objectMeta: Schema | undefined): Schema {
  const draft: Draft<Schema> = { ...schemaKeywords(source) };
  const { items, properties, additionalProperties } = source;
  if (isOpenApiSchema(items)) draft.items = link(items, objectMeta);
  if (isOpenApiSchema(properties)) {
    const linked = Object.entries(properties).filter((each): each is [string, OpenApiSchema] =>
      isOpenApiSchema(each[1]),
    );
    draft.properties = new Map(linked.map(([name, each]) => [name, link(each, objectMeta)]));
  }
  if (isOpenApiSchema(additionalProperties)) {
    draft.additionalProperties = link(additionalProperties, objectMeta);
  } else if (additionalProperties === true) {
    draft.additionalProperties = {};
  }
  const constraints = constraintsOf(source);
  if (constraints !== undefined) draft.constraints = constraints;
  if (draft.isEmbeddedResource !== true || objectMeta === undefined) return draft;
  return withObjectFields(draft, objectMeta);
}

const text: Schema = { type: 'string' };

function withObjectFields(schema: Schema, objectMeta: Schema): Schema {
  const properties = new Map(schema.properties);
  properties.set('apiVersion', text).set('kind', text).set('metadata', objectMeta);
  return { ...schema, isEmbeddedResource: true, properties };
}

const valueKeywords: readonly (keyof SchemaConstraints)[] = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
];

function constraintsOf(source: OpenApiSchema): SchemaConstraints | undefined {
  const constraints: Draft<SchemaConstraints> = {};
  for (const keyword of valueKeywords) {
    const value = source[keyword];
    if (value !== undefined) Object.assign(constraints, { [keyword]: value });
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const value = source[keyword];
    if (Array.isArray(value))
      constraints[keyword] = value.filter(isOpenApiSchema).map((each) => link(each, undefined));
  }
  if (isOpenApiSchema(source['not'])) constraints.not = link(source['not'], undefined);
  return Object.keys(constraints).length === 0 ? undefined : constraints;
}
