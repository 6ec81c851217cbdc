import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import { type Schema, type SchemaConstraints, schemaKeywords } from '@fairway/protocol';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Links the schema of a custom resource as its author wrote it, with the constraints on its values.
 *
 * `objectMeta`, when given, is what the metadata of the object and of every embedded one must be;
 * without it, metadata is what the author says, which is how names are constrained. `linked`, when
 * given, is told what became of each part.
 */
export function structuralSchema(
  source: OpenApiSchema,
  objectMeta?: Schema,
  linked?: Map<OpenApiSchema, Schema>,
): Schema {
  const root = link(source, { objectMeta, linked });
  return objectMeta === undefined ? root : withObjectFields(root, objectMeta);
}

interface Linking {
  readonly objectMeta: Schema | undefined;
  readonly linked: Map<OpenApiSchema, Schema> | undefined;
}

function link(source: OpenApiSchema, linking: Linking): Schema {
  const made = linkAlone(source, linking);
  linking.linked?.set(source, made);
  return made;
}

function linkAlone(source: OpenApiSchema, linking: Linking): Schema {
  const { objectMeta } = linking;
  const draft: Draft<Schema> = { ...schemaKeywords(source) };
  const { items, properties, additionalProperties } = source;
  if (isOpenApiSchema(items)) draft.items = link(items, linking);
  if (isOpenApiSchema(properties)) {
    const linked = Object.entries(properties).filter((each): each is [string, OpenApiSchema] =>
      isOpenApiSchema(each[1]),
    );
    draft.properties = new Map(linked.map(([name, each]) => [name, link(each, linking)]));
  }
  if (isOpenApiSchema(additionalProperties)) {
    draft.additionalProperties = link(additionalProperties, linking);
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

/** Alternatives say nothing of metadata. */
const plain: Linking = { objectMeta: undefined, linked: undefined };

const valueKeywords: ReadonlySet<string> = new Set<keyof SchemaConstraints>([
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
]);

function constraintsOf(source: OpenApiSchema): SchemaConstraints | undefined {
  const constraints: Draft<SchemaConstraints> = {};
  for (const keyword of Object.keys(source)) {
    const value = source[keyword];
    if (value !== undefined && valueKeywords.has(keyword)) {
      // One that no number holds bounds what is as near as a number comes.
      const bound = typeof value === 'bigint' ? Number(value) : value;
      Object.assign(constraints, { [keyword]: bound });
    }
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const value = source[keyword];
    if (Array.isArray(value))
      constraints[keyword] = value.filter(isOpenApiSchema).map((each) => link(each, plain));
  }
  if (isOpenApiSchema(source['not'])) constraints.not = link(source['not'], plain);
  return Object.keys(constraints).length === 0 ? undefined : constraints;
}
