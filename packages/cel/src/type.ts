/**
 * What the type of an expression is, as the checker knows it.
 *
 * Source: cel-spec, doc/langdef.md, "Types".
 */
export type TypeKind =
  | 'dyn'
  | 'error'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'
  | 'list'
  | 'map'
  | 'type'
  | 'opaque'
  | 'object'
  | 'parameter';

/** One type. Types that are equal may be different objects; compare them by `isSameType`. */
export class Type {
  readonly kind: TypeKind;
  /** How messages name it, without its parameters. */
  readonly name: string;
  readonly parameters: readonly Type[];

  constructor(kind: TypeKind, name: string, parameters: readonly Type[] = []) {
    this.kind = kind;
    this.name = name;
    this.parameters = parameters;
  }

  /** As messages print it: `map(string, int)`. */
  toString(): string {
    if (this.parameters.length === 0) return this.name;
    return `${this.name}(${this.parameters.join(', ')})`;
  }
}

/** A field of an object type: under which name an expression finds it, and what it is there. */
export interface Field {
  /** The name in the object itself, which may not be an identifier: `a-b` for `a__dash__b`. */
  readonly key: string;
  readonly type: Type;
}

/** A type whose fields are declared, which is what a schema with properties becomes. */
export class ObjectType extends Type {
  readonly fields: ReadonlyMap<string, Field>;

  constructor(name: string, fields: ReadonlyMap<string, Field>) {
    super('object', name);
    this.fields = fields;
  }

  field(name: string): Field | undefined {
    return this.fields.get(name);
  }
}

/** A type of which nothing is known: it has any field. */
export class OpenObjectType extends ObjectType {
  constructor(name: string) {
    super(name, new Map());
  }

  override field(name: string): Field {
    return { key: name, type: dynType };
  }
}

export const dynType: Type = new Type('dyn', 'dyn');
/** Of what is wrong already, so that nothing else is said about it. */
export const errorType: Type = new Type('error', '!error!');
export const nullType: Type = new Type('null', 'null');
export const boolType: Type = new Type('bool', 'bool');
export const intType: Type = new Type('int', 'int');
export const uintType: Type = new Type('uint', 'uint');
export const doubleType: Type = new Type('double', 'double');
export const stringType: Type = new Type('string', 'string');
export const bytesType: Type = new Type('bytes', 'bytes');
export const timestampType: Type = new Type('timestamp', 'timestamp');
export const durationType: Type = new Type('duration', 'duration');

/** Whose values have an order. */
export const orderedTypes: readonly Type[] = [
  intType,
  uintType,
  doubleType,
  boolType,
  durationType,
  timestampType,
  stringType,
  bytesType,
];

export function listType(element: Type): Type {
  return new Type('list', 'list', [element]);
}

export function mapType(key: Type, value: Type): Type {
  return new Type('map', 'map', [key, value]);
}

/** The type of a type. */
export function typeType(of?: Type): Type {
  return new Type('type', 'type', of === undefined ? [] : [of]);
}

/** A type whose values only functions look into: `optional_type(int)`, `kubernetes.Quantity`. */
export function opaqueType(name: string, parameters: readonly Type[] = []): Type {
  return new Type('opaque', name, parameters);
}

export function optionalType(of: Type): Type {
  return opaqueType('optional_type', [of]);
}

/** Stands for any one type in the declaration of a function. */
export function typeParameter(name: string): Type {
  return new Type('parameter', name);
}

export function isDynOrError({ kind }: Type): boolean {
  return kind === 'dyn' || kind === 'error';
}

export function isSameType(one: Type, other: Type): boolean {
  if (one === other) return true;
  if (one.kind !== other.kind || one.name !== other.name) return false;
  return (
    one.parameters.length === other.parameters.length &&
    one.parameters.every((each, index) => isSameType(each, other.parameters[index] as Type))
  );
}

/** What is optional, or the type itself. */
export function withoutOptional(type: Type): { readonly type: Type; readonly isOptional: boolean } {
  if (type.kind !== 'opaque' || type.name !== 'optional_type') return { type, isOptional: false };
  return { type: type.parameters[0] as Type, isOptional: true };
}

/** The name of a type at run time, which `type(x)` answers. */
export function runtimeName(type: Type): string {
  if (type.kind === 'timestamp') return 'google.protobuf.Timestamp';
  if (type.kind === 'duration') return 'google.protobuf.Duration';
  return type.kind === 'null' ? 'null_type' : type.name;
}

/** A type as values of it name theirs, with its parameters: `list(google.protobuf.Timestamp)`. */
export function typeText(type: Type): string {
  if (type.parameters.length === 0) return runtimeName(type);
  return `${type.name}(${type.parameters.map(typeText).join(', ')})`;
}
