import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import { wrongType } from '@fairway/protocol';
import type { Judgement } from '../judgement.ts';
import type { Walk } from '../walk.ts';
import type { PlacedSchema } from './placed-schema.ts';

type Shape = keyof typeof shapes;

const shapes = {
  string: (value: unknown) => typeof value === 'string',
  number: (value: unknown) => typeof value === 'number' || typeof value === 'bigint',
  integer: (value: unknown) => typeof value === 'bigint' || Number.isSafeInteger(value),
  boolean: (value: unknown) => typeof value === 'boolean',
  'list of strings': (value: unknown) => isList(value, (each) => typeof each === 'string'),
  list: (value: unknown) => Array.isArray(value),
  schema: isOpenApiSchema,
  'schema or boolean': (value: unknown) => isOpenApiSchema(value) || typeof value === 'boolean',
  'schema or list': (value: unknown) => isOpenApiSchema(value) || Array.isArray(value),
  'list of schemas': (value: unknown) => isList(value, isOpenApiSchema),
  'map of schemas': (value: unknown) =>
    isOpenApiSchema(value) && Object.values(value).every(isOpenApiSchema),
} as const;

const keywords: Readonly<Record<Shape, readonly string[]>> = {
  string: [
    'type',
    'format',
    'pattern',
    'title',
    'description',
    'x-kubernetes-list-type',
    'x-kubernetes-map-type',
  ],
  number: ['minimum', 'maximum', 'multipleOf'],
  integer: ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
  boolean: [
    'exclusiveMinimum',
    'exclusiveMaximum',
    'uniqueItems',
    'nullable',
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-embedded-resource',
    'x-kubernetes-int-or-string',
  ],
  'list of strings': ['required', 'x-kubernetes-list-map-keys'],
  list: ['enum', 'x-kubernetes-validations'],
  schema: ['not'],
  'schema or boolean': ['additionalProperties'],
  'schema or list': ['items'],
  'list of schemas': ['allOf', 'anyOf', 'oneOf'],
  'map of schemas': ['properties'],
};

const shapeOf: ReadonlyMap<string, Shape> = new Map(
  (Object.keys(keywords) as Shape[]).flatMap((shape) =>
    keywords[shape].map((keyword) => [keyword, shape] as const),
  ),
);

/** For each schema within the schema. */
const stepsOfSchema = 200;

/**
 * Keywords whose values are not of the type that they must be, at every depth. What may be several
 * things in Go (`items`, `additionalProperties`) no decoder has looked into before.
 */
export function* collectKeywordErrors(
  { schema, path }: PlacedSchema,
  found: Judgement,
): Walk<void> {
  if (found.isOver) return;
  found.effort.add(stepsOfSchema);
  if (found.effort.isPauseDue()) yield;
  for (const [keyword, value] of Object.entries(schema)) {
    const shape = shapeOf.get(keyword);
    if (shape === undefined) continue;
    const at = `${path}.${keyword}`;
    if (!shapes[shape](value)) found.add(wrongType(at, value, `must be a ${shape}`));
    else for (const each of nestedIn(value, keyword, at)) yield* collectKeywordErrors(each, found);
  }
}

function nestedIn(value: unknown, keyword: string, at: string): readonly PlacedSchema[] {
  if (keyword === 'properties' && isOpenApiSchema(value)) {
    return Object.entries(value).map(([name, schema]) => ({
      schema: schema as OpenApiSchema,
      path: `${at}[${name}]`,
    }));
  }
  if (keyword === 'items' || keyword === 'additionalProperties' || keyword === 'not') {
    return isOpenApiSchema(value) ? [{ schema: value, path: at }] : [];
  }
  if (!/^(all|any|one)Of$/.test(keyword) || !Array.isArray(value)) return [];
  return (value as OpenApiSchema[]).map((schema, index) => ({ schema, path: `${at}[${index}]` }));
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}
