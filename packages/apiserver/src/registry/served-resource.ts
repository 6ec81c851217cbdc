import type { OpenApiSchema } from '@fairway/kinds/schema';
import type { UnknownFields } from '@fairway/schema';
import type { StoreEntry } from '@fairway/store';
import type { ResourceDescriptor, Schema } from '@fairway/protocol';
import type { KindRules, KindStrategy, TableColumns } from '@fairway/kind-rules';
import type { Conversion } from './conversion.ts';

/**
 * One resource in one version, and all that the verbs need to serve it: plain data, the same for a
 * built-in kind and for a custom resource.
 */
export interface ServedResource extends ResourceDescriptor {
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly storageVersionHash?: string;
  /** By name: `status`, `scale`, `log`, … */
  readonly subresources: ReadonlyMap<string, ServedSubresource>;
  readonly storage: StoredAs;
  readonly schema: Schema;
  /**
   * What the author of a custom resource wrote, for OpenAPI documents; absent for built-in kinds,
   * whose definitions are known.
   */
  readonly openApiSchema?: () => OpenApiSchema;
  /** What happens to fields that the schema does not know. */
  readonly unknownFields: UnknownFields;
  readonly rules: KindRules;
  readonly strategy: KindStrategy;
  readonly columns: TableColumns;
  /** Custom resources have no protobuf form and no strategic merge. */
  readonly isBuiltIn: boolean;
  /** Why no object is created any more; absent while they are. */
  readonly createRefusal?: string;
  /** Sent as a `Warning` with every answer: the version is deprecated. */
  readonly deprecationWarning?: string;
}

/** Where and in which version objects are kept; several served versions share one place. */
export interface StoredAs {
  /** `/registry/apps/deployments/`; unique to a group and plural. */
  readonly prefix: string;
  /** `apps/v1`: the version that is written to the store. */
  readonly apiVersion: string;
  /** How long after its last write an object goes by itself; absent when it stays. */
  readonly timeToLiveMs?: number;
  /** From the stored version to the one served; absent when they are the same. */
  readonly fromStored?: Conversion;
  /**
   * Entries that `fromStored` leaves as they are: these go out as the bytes that are stored. Filled
   * by writes and by the first read, and dropped with the resource when its definition changes.
   * Absent: no entry goes out as stored.
   */
  readonly asStored?: WeakSet<StoreEntry>;
  /** From the served version to the stored one. */
  readonly toStored?: Conversion;
}

export interface ServedSubresource {
  readonly name: string;
  readonly verbs: readonly string[];
  /** What it speaks: `Scale` in `autoscaling/v1` for `deployments/scale`. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Where a scale finds its numbers; only of `scale`. */
  readonly scale?: ScalePaths;
}

/** Field paths of a scale, split at dots. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** To a selector in text or object form; empty when the kind has none. */
  readonly labelSelector: readonly string[];
}
