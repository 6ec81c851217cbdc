/**
 * What an object may look like: OpenAPI v3 with the Kubernetes extensions, linked.
 *
 * Built-in kinds and custom resources share this shape, so that patches merge and documents describe
 * both alike. They are walked apart where Kubernetes has it so: a built-in object is made what its Go
 * type would write, a custom one is pruned, completed and validated as its author says. Nodes point at each other directly and may
 * form cycles (`JSONSchemaProps`); nobody changes one after it was made.
 */
export interface Schema {
  /** Absent: anything goes (`RawExtension`, `x-kubernetes-preserve-unknown-fields` without a type). */
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  /**
   * `date-time`, `micro-time`, `int32`, `int64`, `byte`, `quantity`, …; `schema-or-…` for unions of a
   * schema, which `items` is then.
   */
  readonly format?: string;
  readonly properties?: ReadonlyMap<string, Schema>;
  /** Of a map: what its values are. */
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  /**
   * Of a built-in kind: the properties whose zero (`false`, `0`, `""`) says something, since Go has a
   * pointer there or writes it in any case. In all others it says no more than an absent field.
   */
  readonly keepsZero?: ReadonlySet<string>;
  /** The same for lists: those that are empty are not as good as absent. */
  readonly keepsEmpty?: ReadonlySet<string>;
  /** Of a built-in kind: the properties that Go writes as null when they hold nothing. */
  readonly writesNull?: ReadonlySet<string>;
  /** Of a built-in kind: what Go calls the type, for messages: `v1.PodSpec`. */
  readonly goType?: string;
  /** Of a built-in kind: properties that Go keeps in a struct within this one, and its name. */
  readonly embedded?: ReadonlyMap<string, string>;
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
