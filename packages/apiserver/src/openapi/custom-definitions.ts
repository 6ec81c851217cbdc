import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import type { ServedResource } from '../registry/served-resource.ts';
import { type GroupVersionKind, referenceTo } from './open-api-document.ts';

/** The definitions of a custom resource and of its list; none for a built-in one. */
export function customDefinitions(
  resource: ServedResource,
): readonly (readonly [string, OpenApiSchema])[] {
  const { group, version, kind, listKind, openApiSchema } = resource;
  if (openApiSchema === undefined) return [];
  const name = definitionName({ group, version, kind });
  const list: OpenApiSchema = {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: referenceTo(name) },
      kind: { type: 'string' },
      metadata: { allOf: [referenceTo(listMeta)] },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: listKind }],
  };
  const object = {
    ...withObjectFields(withEmbeddedFields(openApiSchema())),
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

/** Every object says what it is and has metadata, whether the author of its schema says so or not. */
function withObjectFields(schema: OpenApiSchema): OpenApiSchema {
  const properties = (schema['properties'] as Readonly<Record<string, OpenApiSchema>>) ?? {};
  return {
    ...schema,
    type: 'object',
    properties: {
      ...properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { allOf: [referenceTo(objectMeta)] },
    },
  };
}

/** Adds those fields wherever the schema says that a whole object is kept. */
function withEmbeddedFields(schema: OpenApiSchema): OpenApiSchema {
  const mapped: Record<string, unknown> = { ...schema };
  const { properties, items, additionalProperties } = schema;
  if (isOpenApiSchema(properties)) {
    const entries = Object.entries(properties).map(([name, child]) => [name, embedded(child)]);
    mapped['properties'] = Object.fromEntries(entries);
  }
  if (isOpenApiSchema(items)) mapped['items'] = embedded(items);
  if (isOpenApiSchema(additionalProperties))
    mapped['additionalProperties'] = embedded(additionalProperties);
  return mapped;
}

function embedded(schema: unknown): unknown {
  if (!isOpenApiSchema(schema)) return schema;
  const mapped = withEmbeddedFields(schema);
  return schema['x-kubernetes-embedded-resource'] === true ? withObjectFields(mapped) : mapped;
}
