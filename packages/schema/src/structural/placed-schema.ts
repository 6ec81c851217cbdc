import type { OpenApiSchema } from '@fairway/kinds/schema';

/** A part of a schema, and where it is. */
export interface PlacedSchema {
  readonly schema: OpenApiSchema;
  /** `spec.versions[0].schema.openAPIV3Schema.properties[spec]` */
  readonly path: string;
}
