import {
  type EncodedSchema,
  type EncodedSchemas,
  referencePrefix,
  shortKeywords,
} from '../../packages/kinds/src/schema-encoding.ts';
import type { OpenApiSchema } from '../../packages/cli/src/typegen/open-api-facts.ts';
import { jsonName, messageName } from './message-names.ts';
import type { OpenApiSource } from './open-api-source.ts';
import { packageOf } from '../../packages/cli/src/typegen/write-modules.ts';
import { pointerFields } from './pointer-fields.ts';
import { writeJsonText } from './write-json-text.ts';

/** Makes `schema-data.ts`: every definition in the form that `schema-encoding.ts` describes. */
export function writeSchema(source: OpenApiSource): string {
  return writeJsonText('schemaJson', encodeSchemas(source));
}

function encodeSchemas(source: OpenApiSource): EncodedSchemas {
  const nodes: EncodedSchema[] = [];
  const indexOfNode = new Map<string, number>();
  const definitions: Record<string, Record<string, EncodedSchema>> = {};
  const nodeIndex = (schema: OpenApiSchema): number => {
    const encoded = encodeSchema(schema);
    const text = JSON.stringify(encoded);
    const known = indexOfNode.get(text);
    if (known !== undefined) return known;
    indexOfNode.set(text, nodes.length);
    return nodes.push(encoded) - 1;
  };
  for (const [name, schema] of source.definitions) {
    const { properties, ...rest } = schema;
    const types = (definitions[packageOf(name)] ??= {});
    types[name.slice(packageOf(name).length + 1)] = {
      ...encodeSchema(rest),
      ...pointersOf(name, properties),
      ...(properties === undefined
        ? {}
        : { p: mapValues(properties as Readonly<Record<string, OpenApiSchema>>, nodeIndex) }),
    };
  }
  return { nodes, definitions };
}

/** Which properties are pointers to scalars in Go, by their names in JSON. */
function pointersOf(definition: string, properties: unknown): { readonly z?: string } {
  const names = Object.keys(properties ?? {});
  const pointers = pointerFields[messageName(definition)]?.split(' ') ?? [];
  const found = pointers.flatMap((field) => jsonName(field, names) ?? []);
  return found.length === 0 ? {} : { z: found.join(' ') };
}

function encodeSchema(schema: OpenApiSchema): EncodedSchema {
  const encoded: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    encoded[shortKeywords.get(keyword) ?? keyword] = encodeValue(keyword, value);
  }
  return encoded;
}

function encodeValue(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case '$ref':
      return String(value).slice(referencePrefix.length);
    case 'items':
    case 'additionalProperties':
      return typeof value === 'object' ? encodeSchema(value as OpenApiSchema) : value;
    case 'allOf':
    case 'oneOf':
      return (value as readonly OpenApiSchema[]).map(encodeSchema);
    case 'properties':
      return mapValues(value as Readonly<Record<string, OpenApiSchema>>, encodeSchema);
    default:
      return value;
  }
}

function mapValues<T, U>(
  values: Readonly<Record<string, T>>,
  change: (value: T) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
