import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { builtInSchemas } from '@fairway/kinds/schema';
import type { JsonObject, Schema } from '@fairway/protocol';
import fc from 'fast-check';
import { Drawing } from './drawing.ts';
import { exampleSchema } from './example-schema.ts';
import { FieldSet } from './field-set.ts';
import { encodeFieldsV1 } from './fields-v1.ts';
import { appliedFields } from './fields-of.ts';
import { updateOwners } from './update-owners.ts';
import { WriteChanges } from './write-changes.ts';
import { appliedFieldsV1, createdFieldsV1 } from './written-fields.ts';
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
  const { owners } = await updateOwners(new Map(), changes, { ...scope, owner: 'a' });
  return encodeFieldsV1(owners.get('a')?.fields ?? FieldSet.empty);
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

  test(`who applies a ${kind} owns its applied fields`, () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const config = new Drawing(seed).object(schema);
        const fields = appliedFields(config, schema).differenceBelow(scope.reset);
        const text = encodeFieldsV1(fields.difference(scope.unowned));
        equal(appliedFieldsV1(config, { schema, ...scope }), text);
      }),
      { numRuns: 200 },
    );
  });
}
