import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Schema } from '@fairway/protocol';
import { structuralSchema } from './structural/structural-schema.ts';
import { pruneToSchema } from './prune.ts';

const text = { type: 'string' };

function prune(schema: object, draft: object): { draft: object; unknownFields: readonly string[] } {
  const { unknownFields } = pruneToSchema(draft, { schema: structuralSchema({ ...schema }) });
  return { draft, unknownFields };
}

suite('pruneToSchema', () => {
  test('drops what the schema does not know, at every depth', () => {
    const item = { type: 'object', properties: { a: text } };
    const schema = {
      type: 'object',
      properties: {
        list: { type: 'array', items: item },
        map: { type: 'object', additionalProperties: item },
      },
    };
    const draft = { b: 1, list: [{ a: 'x', b: 1 }], map: { any: { a: 'x', b: { c: 1 } } } };
    assert.deepEqual(prune(schema, draft), {
      draft: { list: [{ a: 'x' }], map: { any: { a: 'x' } } },
      unknownFields: ['b', 'list[0].b', 'map.any.b'],
    });
  });

  test('keeps unknown fields where the schema says so, and prunes again below known ones', () => {
    const schema = {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'object', properties: { a: text } } },
    };
    const draft = { free: { anything: [{ x: 1 }] }, known: { a: 'x', b: 1 } };
    assert.deepEqual(prune(schema, draft), {
      draft: { free: { anything: [{ x: 1 }] }, known: { a: 'x' } },
      unknownFields: ['known.b'],
    });
  });

  test('keeps what every embedded object has, and holds its metadata to the common schema', () => {
    const objectMeta: Schema = {
      type: 'object',
      properties: new Map([['name', { type: 'string' }]]),
    };
    const schema = structuralSchema(
      {
        type: 'object',
        properties: {
          template: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
      },
      objectMeta,
    );
    const template = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', nonsense: 1 },
      spec: { free: 1 },
      more: 1,
    };
    const { unknownFields } = pruneToSchema({ template }, { schema });
    assert.deepEqual(unknownFields, ['template.more', 'template.metadata.nonsense']);
    assert.deepEqual(template, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { free: 1 },
    });
  });

  test('says when metadata is not an object', () => {
    const schema = structuralSchema({ type: 'object' }, { type: 'object' });
    const { typeError } = pruneToSchema({ metadata: 'x' }, { schema });
    assert.equal(typeError, 'json: cannot unmarshal string into Go value of type v1.ObjectMeta');
  });

  test('drops any number of unknown fields and names the first thousand', () => {
    const many = (): object =>
      Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`f${index}`, 1]));
    const objectMeta: Schema = { type: 'object', properties: new Map() };
    const schema = structuralSchema({ type: 'object', properties: {} }, objectMeta);
    for (const draft of [many(), { metadata: many() }]) {
      const { unknownFields, typeError } = pruneToSchema(draft, { schema });
      assert.equal(unknownFields.length, 1_000);
      assert.equal(typeError, undefined);
      assert.ok(JSON.stringify(draft).length < 20);
    }
    const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true };
    const nested = structuralSchema({ type: 'object', properties: { a: embedded } }, objectMeta);
    const draft = { a: { ...many(), metadata: many() } };
    assert.equal(pruneToSchema(draft, { schema: nested }).unknownFields.length, 1_000);
  });
});
