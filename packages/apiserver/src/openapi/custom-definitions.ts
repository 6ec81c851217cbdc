import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import type { ServedResource } from '../registry/served-resource.ts';
import type { BuiltInParts } from './built-in-open-api.ts';
import { type GroupVersionKind, referenceTo } from './open-api-document.ts';

/** The definitions of a custom resource and of its list; none for a built-in one. */
export function customDefinitions(
  resource: ServedResource,
  builtIn: BuiltInParts,
): readonly (readonly [string, OpenApiSchema])[] {
  const { group, version, kind, plural, listKind, openApiSchema } = resource;
  if (openApiSchema === undefined) return [];
  const name = definitionName({ group, version, kind });
  const ofObject = objectFields(builtIn.definition(model), objectMeta);
  const ofList = objectFields(builtIn.definition(`${model}List`), listMeta);
  const list: OpenApiSchema = {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: ofList.apiVersion,
      items: {
        description: `List of ${plural}. More info: ${conventions}`,
        type: 'array',
        items: referenceTo(name),
      },
      kind: ofList.kind,
      metadata: ofList.metadata,
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: listKind }],
  };
  const object = {
    ...withObjectFields(published(openApiSchema(), ofObject), ofObject),
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
  return [
    [name, object],
    [definitionName({ group, version, kind: listKind }), list],
  ];
}

/** The definition of a kind that a custom resource brings itself; undefined for any other kind. */
export function customDefinitionName(
  resource: ServedResource,
  { group, version, kind }: GroupVersionKind,
): string | undefined {
  const isOwn =
    resource.openApiSchema !== undefined &&
    (kind === resource.kind || kind === resource.listKind) &&
    group === resource.group &&
    version === resource.version;
  return isOwn ? definitionName({ group, version, kind }) : undefined;
}

/** `com.example.stable.v1.CronTab` */
function definitionName({ group, version, kind }: GroupVersionKind): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

const listMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';
const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** A built-in kind whose `apiVersion`, `kind` and `metadata` say what they say of any. */
const model = 'io.k8s.api.core.v1.Pod';
const conventions =
  'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

interface ObjectFields {
  readonly apiVersion: OpenApiSchema;
  readonly kind: OpenApiSchema;
  readonly metadata: OpenApiSchema;
}

function objectFields(described: OpenApiSchema | undefined, metadata: string): ObjectFields {
  const fields = (described?.['properties'] ?? {}) as Readonly<Record<string, OpenApiSchema>>;
  const wordsOf = (field: string): OpenApiSchema => {
    const description = fields[field]?.['description'];
    return description === undefined ? {} : { description };
  };
  return {
    apiVersion: { ...wordsOf('apiVersion'), type: 'string' },
    kind: { ...wordsOf('kind'), type: 'string' },
    metadata: { ...wordsOf('metadata'), allOf: [referenceTo(metadata)] },
  };
}

/** Every object says what it is and has metadata, whether the author of its schema says so or not. */
function withObjectFields(schema: OpenApiSchema, fields: ObjectFields): OpenApiSchema {
  const properties = (schema['properties'] as Readonly<Record<string, OpenApiSchema>>) ?? {};
  return { ...schema, type: 'object', properties: { ...properties, ...fields } };
}

/**
 * A schema as it is published: objects within have the fields of any object, and an integer or string is said to be one
 * of the two. Examples are left out.
 */
function published(schema: OpenApiSchema, fields: ObjectFields): OpenApiSchema {
  const { example: _, ...mapped } = unfolded(schema) as Record<string, unknown>;
  const below = (child: unknown): unknown =>
    isOpenApiSchema(child) ? withFieldsWithin(published(child, fields), fields) : child;
  const { properties, items, additionalProperties } = mapped;
  if (isOpenApiSchema(properties)) {
    const entries = Object.entries(properties).map(([name, child]) => [name, below(child)]);
    mapped['properties'] = Object.fromEntries(entries);
  }
  if (items !== undefined) mapped['items'] = below(items);
  if (additionalProperties !== undefined) {
    mapped['additionalProperties'] = below(additionalProperties);
  }
  return mapped;
}

function withFieldsWithin(schema: OpenApiSchema, fields: ObjectFields): OpenApiSchema {
  if (schema['x-kubernetes-embedded-resource'] !== true) return schema;
  const required = (schema['required'] ?? []) as readonly string[];
  const added = ['kind', 'apiVersion'].filter((name) => !required.includes(name));
  return { ...withObjectFields(schema, fields), required: [...required, ...added] };
}

/** Source: apiextensions-apiserver, `Structural.Unfold`. */
function unfolded(schema: OpenApiSchema): OpenApiSchema {
  if (schema['x-kubernetes-int-or-string'] !== true) return schema;
  const { anyOf, allOf } = schema as { readonly anyOf?: unknown; readonly allOf?: unknown };
  const either = [{ type: 'integer' }, { type: 'string' }];
  const first = Array.isArray(allOf)
    ? (allOf as readonly OpenApiSchema[])[0]?.['anyOf']
    : undefined;
  if (isEither(anyOf) || isEither(first)) return schema;
  if (anyOf === undefined) return { ...schema, anyOf: either };
  return { ...schema, allOf: [{ anyOf: either }, ...(Array.isArray(allOf) ? allOf : [])] };
}

function isEither(value: unknown): boolean {
  const types = Array.isArray(value)
    ? (value as readonly OpenApiSchema[]).map(({ type }) => type)
    : [];
  return types.length === 2 && types[0] === 'integer' && types[1] === 'string';
}
