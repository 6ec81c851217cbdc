import { stringifyJson } from '@fairway/protocol';
import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import { schemaReference } from './open-api-document.ts';

/** What every `$ref` to a definition of v2 begins with. */
export const schemaDefinitions = '#/definitions/';

/** Where a schema comes from: of built-in kinds v2 says no defaults. */
export interface SchemaOrigin {
  readonly isBuiltIn: boolean;
}

/**
 * A schema as OpenAPI v2 can say it: without alternatives and nulls. Where leaving one of them out would make a client
 * refuse what this server takes, the schema says less.
 *
 * Source: apiextensions-apiserver, `ToStructuralOpenAPIV2`.
 */
export function swaggerSchema(schema: OpenApiSchema, origin: SchemaOrigin): OpenApiSchema {
  const { $ref, allOf, properties, items, additionalProperties, required: _, ...rest } = schema;
  const reference = referenceOf($ref, allOf);
  const kept: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(rest)) {
    if (!unsaid.has(keyword)) kept[keyword] = value;
  }
  if (origin.isBuiltIn) delete kept['default'];
  if (reference !== undefined) return { ...kept, $ref: schemaDefinitions + reference };
  const type = schema['type'] ?? typeOfAlternatives(schema);
  if (type !== undefined) kept['type'] = type;
  const isOpen = schema[preserve] === true;
  if (isOpen && kindsKey in schema) return { type: 'object', [kindsKey]: schema[kindsKey] };
  const names = requiredNames(schema);
  if (names.length > 0) kept['required'] = names;
  if (isOpenApiSchema(additionalProperties)) {
    kept['additionalProperties'] = swaggerSchema(additionalProperties, origin);
  } else if (additionalProperties !== undefined) {
    kept['additionalProperties'] = additionalProperties;
  }
  // Clients of v2 know neither null nor fields beside those that are named.
  if (isOpen || schema['nullable'] === true) {
    const isKept = schema['nullable'] !== true && type !== 'object' && type !== 'array';
    if (!isKept) delete kept['type'];
    return kept;
  }
  if (isOpenApiSchema(items)) kept['items'] = swaggerSchema(items, origin);
  if (isOpenApiSchema(properties)) {
    const fields = Object.entries(properties as Readonly<Record<string, OpenApiSchema>>);
    kept['properties'] = Object.fromEntries(
      fields.map(([name, child]) => [name, swaggerSchema(child, origin)]),
    );
  }
  return kept;
}

const preserve = 'x-kubernetes-preserve-unknown-fields';
const kindsKey = 'x-kubernetes-group-version-kind';

const unsaid: ReadonlySet<string> = new Set(['anyOf', 'not', 'nullable', 'oneOf']);

/** Null counts as absent to clients of v2, so what may be null need not be there. */
function requiredNames({
  required = [],
  properties = {},
  additionalProperties = {},
  ...schema
}: OpenApiSchema): readonly string[] {
  const entries = additionalProperties as OpenApiSchema;
  if (entries['nullable'] === true) return [];
  const isOpen = schema[preserve] === true || schema['nullable'] === true;
  if (isOpen) return (required as readonly string[]).filter((name) => !isAdded(name, schema));
  const fields = properties as Readonly<Record<string, OpenApiSchema>>;
  return (required as readonly string[]).filter((name) => fields[name]?.['nullable'] !== true);
}

/** The fields of an embedded object, which are not added where any field is allowed. */
function isAdded(name: string, schema: OpenApiSchema): boolean {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  return isEmbedded && (name === 'apiVersion' || name === 'kind');
}

function referenceOf($ref: unknown, allOf: unknown): string | undefined {
  const [only] = Array.isArray(allOf) ? (allOf as OpenApiSchema[]) : [];
  const reference = $ref ?? only?.['$ref'];
  return typeof reference === 'string' ? reference.slice(schemaReference.length) : undefined;
}

/** The built-in kinds with alternatives, quantities and ports, are all written as strings. */
function typeOfAlternatives({ oneOf }: OpenApiSchema): string | undefined {
  return Array.isArray(oneOf) && stringifyJson(oneOf).includes('"string"') ? 'string' : undefined;
}
