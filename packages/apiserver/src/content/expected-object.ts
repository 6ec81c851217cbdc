import type { BuiltInSchemas } from '@fairway/kinds/schema';
import { type Schema, apiVersionOf } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';

/** What a body must be. */
export interface ExpectedObject {
  /** What is said of a namespace in an object that is in none is dropped. */
  readonly isNamespaced?: boolean;
  readonly group: string;
  readonly version: string;
  /** Earlier versions that have the same fields, and are taken for this one. */
  readonly earlierVersions?: readonly string[];
  readonly kind: string;
  readonly schema: Schema;
  readonly isBuiltIn: boolean;
  readonly unknownFields: ServedResource['unknownFields'];
}

/** A kind of Kubernetes that is sent to a subresource and is no resource of its own: `Scale`, `Eviction`. */
export function builtInKind(
  { schemas }: { readonly schemas: BuiltInSchemas },
  kind: Pick<ExpectedObject, 'group' | 'version' | 'kind' | 'earlierVersions'>,
): ExpectedObject {
  const schema = schemas.lookup(apiVersionOf(kind), kind.kind) ?? {};
  return { ...kind, schema, isBuiltIn: true, unknownFields: 'dropped' };
}
