import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { builtInSchemas } from '@fairway/kinds/schema';
import {
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  type Schema,
  setField,
} from '@fairway/protocol';
import fc from 'fast-check';
import { createdFieldsV1 } from './created-fields.ts';
import { exampleSchema } from './example-schema.ts';
import { FieldSet } from './field-set.ts';
import { encodeFieldsV1 } from './fields-v1.ts';
import { updateOwners } from './update-owners.ts';
import { WriteChanges } from './write-changes.ts';
import { zeroObject } from './zero-object.ts';

const path = (text: string): readonly string[] => text.split('.').map((name) => `f:${name}`);

const scope = {
  reset: FieldSet.ofPaths(path('status'), path('metadata.labels')),
  unowned: FieldSet.ofPaths(path('metadata'), path('metadata.name'), path('spec.template')),
  convert: async () => undefined,
  giveWay: () => undefined,
};

const raw: Schema = { preservesUnknownFields: true };

/** As any other write is settled. */
async function settled(object: JsonObject, schema: Schema, start: JsonObject): Promise<string> {
  const of = (each: JsonObject) => ({ object: each, apiVersion: 'v1', schema });
  const changes = new WriteChanges(of(start), of(object), scope);
  return encodeFieldsV1((await updateOwners(new Map(), changes, scope)).taken);
}

const schemas: readonly (readonly [string, Schema])[] = [
  ['example', exampleSchema],
  ['any', { type: 'object', preservesUnknownFields: true }],
  ['raw', { type: 'object', required: ['raw'], properties: new Map([['raw', raw]]) }],
  ...[
    ['v1', 'Pod'],
    ['v1', 'Service'],
    ['v1', 'ConfigMap'],
    ['apps/v1', 'Deployment'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ].map(([apiVersion = '', kind = '']) => {
    return [kind, builtInSchemas().lookup(apiVersion, kind) ?? {}] as const;
  }),
];

for (const [kind, schema] of schemas) {
  test(`who creates a ${kind} owns what any other write would settle`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.boolean(), async (seed, isBuiltIn) => {
        const object = new Drawing(seed).object(schema);
        const start = isBuiltIn ? zeroObject(schema) : {};
        const text = createdFieldsV1(object, { schema, start, ...scope });
        equal(text, await settled(object, schema, start));
      }),
      { numRuns: 200 },
    );
  });
}

const texts = ['', 'a', 'b', 'B', 'é', 'a"b', '1', '10', '9', '__proto__'];
const scalars = [...texts, 1, 10, 9, true, false, null];

/** Draws objects that mostly fit a schema, the same for the same seed. */
class Drawing {
  #state: number;
  #valuesLeft = 150;

  constructor(seed: number) {
    this.#state = seed;
  }

  object(schema: Schema): JsonObject {
    const object: JsonDraft = {};
    const { properties, additionalProperties } = schema;
    const known = [...(properties?.keys() ?? [])];
    for (let count = this.#below(9); count > 0; count--) {
      const name = this.#oneOf(known.length === 0 || this.#below(16) === 0 ? texts : known);
      const below = properties?.get(name) ?? additionalProperties;
      setField(object, name, this.#value(below ?? raw));
    }
    return object;
  }

  #value(schema: Schema): JsonValue {
    if (this.#valuesLeft-- <= 0 || this.#below(16) === 0) return this.#oneOf(scalars);
    switch (schema.type ?? this.#oneOf(['object', 'array', 'string'])) {
      case 'object':
        return this.object(schema);
      case 'array':
        return Array.from({ length: this.#below(5) }, () => this.#value(schema.items ?? {}));
      default:
        return this.#oneOf(scalars);
    }
  }

  #oneOf<Value>(values: readonly Value[]): Value {
    return values[this.#below(values.length)] as Value;
  }

  #below(limit: number): number {
    this.#state =
      (Math.imul(this.#state ^ (this.#state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return (this.#state >>> 8) % limit;
  }
}
