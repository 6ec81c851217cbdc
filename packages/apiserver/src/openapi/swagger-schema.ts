import { stringifyJson } from '@fairway/protocol';
import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import { schemaReference } from './open-api-document.ts';

/** What every `$ref` to a definition of v2 begins with. */
export const schemaDefinitions = '#/definitions/';

/**
 * A schema as OpenAPI v2 can say it: without alternatives, defaults and nulls. Where leaving one of
 * them out would make a client refuse what this server takes, the schema says less.
 */
export function swaggerSchema(schema: OpenApiSchema): OpenApiSchema {
  const { $ref, allOf, properties, items, additionalProperties, ...rest } = schema;
  const reference = referenceOf($ref, allOf);
  const kept: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(rest)) {
    if (!unsaid.has(keyword)) kept[keyword] = value;
  }
  if (reference !== undefined) return { ...kept, $ref: schemaDefinitions + reference };
  if (isLoose(schema)) return withoutType(kept);
  const type = schema['type'] ?? typeOfAlternatives(schema);
  if (type !== undefined) kept['type'] = type;
  if (isOpenApiSchema(items)) kept['items'] = swaggerSchema(items);
  if (isOpenApiSchema(properties)) {
    kept['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, child]) => [
        name,
        swaggerSchema(child as OpenApiSchema),
      ]),
    );
  }
  if (isOpenApiSchema(additionalProperties)) {
    kept['additionalProperties'] = swaggerSchema(additionalProperties);
  } else if (additionalProperties !== undefined) {
    kept['additionalProperties'] = additionalProperties;
  }
  return kept;
}

const unsaid: ReadonlySet<string> = new Set([
  'anyOf',
  'default',
  'not',
  'nullable',
  'oneOf',
  'x-kubernetes-validations',
]);

function referenceOf($ref: unknown, allOf: unknown): string | undefined {
  const [only] = Array.isArray(allOf) ? (allOf as OpenApiSchema[]) : [];
  const reference = $ref ?? only?.['$ref'];
  return typeof reference === 'string' ? reference.slice(schemaReference.length) : undefined;
}

/** Clients of v2 know neither null nor fields beside those that are named. */
function isLoose(schema: OpenApiSchema): boolean {
  return (
    schema['nullable'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-int-or-string'] === true
  );
}

function withoutType(schema: Readonly<Record<string, unknown>>): OpenApiSchema {
  const { type: _, enum: __, required: ___, format: ____, ...rest } = schema;
  return rest;
}

/** The built-in kinds with alternatives, quantities and ports, are all written as strings. */
function typeOfAlternatives({ oneOf }: OpenApiSchema): string | undefined {
  return Array.isArray(oneOf) && stringifyJson(oneOf).includes('"string"') ? 'string' : undefined;
}
