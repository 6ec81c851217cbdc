/**
 * What an object may look like: OpenAPI v3 with the Kubernetes extensions, linked.
 *
 * Built-in kinds and custom resources share this shape, so that one walker finds unknown fields,
 * fills defaults, prunes, merges and validates for both. Nodes point at each other directly and may
 * form cycles (`JSONSchemaProps`); nobody changes one after it was made.
 */
export interface Schema {
  /** Absent: anything goes (`RawExtension`, `x-kubernetes-preserve-unknown-fields` without a type). */
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  /** `date-time`, `micro-time`, `int32`, `int64`, `byte`, `quantity`, … */
  readonly format?: string;
  readonly properties?: ReadonlyMap<string, Schema>;
  /** Of a map: what its values are. */
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly isNullable?: boolean;
  /** `x-kubernetes-int-or-string` */
  readonly isIntOrString?: boolean;
  /** `x-kubernetes-preserve-unknown-fields` */
  readonly preservesUnknownFields?: boolean;
  /** `x-kubernetes-embedded-resource` */
  readonly isEmbeddedResource?: boolean;
  /** `x-kubernetes-list-type`; absent means atomic. */
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  /** `x-kubernetes-map-type`; absent means granular. */
  readonly mapType?: 'atomic' | 'granular';
  /** `x-kubernetes-patch-strategy`, split at commas. */
  readonly patchStrategy?: readonly ('merge' | 'replace' | 'retainKeys')[];
  readonly patchMergeKey?: string;
  /** Value validations of a custom resource. Built-in kinds are validated by their rules. */
  readonly constraints?: SchemaConstraints;
}

/** The part of JSON schema that a custom resource may use to constrain values. */
export interface SchemaConstraints {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
}
