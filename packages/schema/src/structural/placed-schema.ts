import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';

/** A part of a schema, and where it is. */
export interface PlacedSchema {
  readonly schema: OpenApiSchema;
  /** `spec.versions[0].schema.openAPIV3Schema.properties[spec]` */
  readonly path: string;
}

/** The schemas below `allOf`, `anyOf`, `oneOf` and `not`. */
export function alternativesOf({ schema, path }: PlacedSchema): readonly PlacedSchema[] {
  const found: PlacedSchema[] = [];
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const list = schema[keyword];
    if (!Array.isArray(list)) continue;
    list.filter(isOpenApiSchema).forEach((each, index) => {
      found.push({ schema: each, path: `${path}.${keyword}[${index}]` });
    });
  }
  if (isOpenApiSchema(schema['not'])) found.push({ schema: schema['not'], path: `${path}.not` });
  return found;
}
