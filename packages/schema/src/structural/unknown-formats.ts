import { type OpenApiSchema, isOpenApiSchema } from '@fairway/kinds/schema';
import { isKnownFormat } from '../formats/value-formats.ts';
import { alternativesOf } from './placed-schema.ts';

/** The formats that a schema names, at any depth, and that no value is held against. */
export function unknownFormats(schema: OpenApiSchema): readonly string[] {
  const { format, type, properties, items, additionalProperties } = schema;
  const isUnknown = typeof format === 'string' && format !== '' && !isKnownFormat(format, type);
  const children = [
    ...(isOpenApiSchema(properties) ? Object.values(properties) : []),
    items,
    additionalProperties,
    ...alternativesOf({ schema, path: '' }).map((each) => each.schema),
  ];
  const further = children.filter(isOpenApiSchema).flatMap(unknownFormats);
  return isUnknown ? [format, ...further] : further;
}
