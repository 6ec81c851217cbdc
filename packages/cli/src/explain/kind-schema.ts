/** The documentation of a field, as OpenAPI has it. */
export interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly allOf?: readonly Schema[];
  readonly $ref?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

/** Schemas by the names that references have. */
export type Schemas = Readonly<Record<string, Schema>>;

/** The documentation of a kind, and all that it refers to. */
export interface KindSchema {
  readonly schema: Schema;
  readonly schemas: Schemas;
}

const prefix = '#/components/schemas/';

/** The name of the schema that a reference leads to. */
export function refName({ $ref = '' }: Schema): string {
  return $ref.startsWith(prefix) ? $ref.slice(prefix.length) : $ref;
}

/** The schemas that stand for a field: its own, what it refers to, and what is in its lists and maps. */
export function* partsOf(schemas: Schemas, schema: Schema): Generator<Schema> {
  const seen = new Set<Schema>();
  const waiting = [schema];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    yield next;
    const referred = next.$ref === undefined ? undefined : schemas[refName(next)];
    const { additionalProperties, items, allOf = [] } = next;
    const inMap = typeof additionalProperties === 'object' ? additionalProperties : undefined;
    waiting.unshift(...[referred, ...allOf, items, inMap].filter((each) => each !== undefined));
  }
}

/** The schema that has the fields of another, which may refer to it, be a list of it or a map. */
export function withFields(schemas: Schemas, schema: Schema): Schema | undefined {
  for (const part of partsOf(schemas, schema)) {
    if (Object.keys(part.properties ?? {}).length > 0) return part;
  }
  return undefined;
}

/** `<[]Container>` without the brackets around it. */
export function typeText(schemas: Schemas, schema: Schema): string {
  const { items, additionalProperties, allOf = [], properties, $ref, type } = schema;
  if (items !== undefined) return `[]${typeText(schemas, items)}`;
  if (typeof additionalProperties === 'object') {
    return `map[string]${typeText(schemas, additionalProperties)}`;
  }
  const [only] = allOf;
  if (only !== undefined && allOf.length === 1 && properties === undefined) {
    return typeText(schemas, only);
  }
  if ($ref !== undefined) {
    // A time is a text to whoever writes one.
    const { type: referred = 'object' } = schemas[refName(schema)] ?? {};
    return referred === 'object' ? (refName(schema).split('.').at(-1) ?? '') : referred;
  }
  return type === undefined || type === 'object' ? 'Object' : type;
}
