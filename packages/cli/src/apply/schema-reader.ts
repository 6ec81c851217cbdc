import type { BuiltInSchemas } from '@fairway/kinds/schema';
import { type ResourceDescriptor, type Schema, apiVersionOf } from '@fairway/protocol';

/** Answers the schema by which lists of a kind merge; undefined for kinds that only the cluster knows. */
export type SchemaReader = (resource: ResourceDescriptor) => Promise<Schema | undefined>;

/** Reads schemas of built-in kinds, which are loaded with the first. */
export function schemaReader(): SchemaReader {
  let schemas: BuiltInSchemas | undefined;
  return async (resource) => {
    schemas ??= (await import('@fairway/kinds/schema')).builtInSchemas();
    return schemas.lookup(apiVersionOf(resource), resource.kind);
  };
}
