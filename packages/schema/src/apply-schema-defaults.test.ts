import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { structuralSchema } from './structural/structural-schema.ts';
import { applySchemaDefaults } from './apply-schema-defaults.ts';

function complete(schema: object, draft: object): object {
  applySchemaDefaults(draft, structuralSchema({ ...schema }), { bytesLeft: 1_000_000 });
  return draft;
}

suite('applySchemaDefaults', () => {
  test('treats null as the documentation says', () => {
    const schema = {
      type: 'object',
      properties: {
        foo: { type: 'string', nullable: false, default: 'default' },
        bar: { type: 'string', nullable: true },
        baz: { type: 'string' },
      },
    };
    assert.deepEqual(complete(schema, { foo: null, bar: null, baz: null }), {
      foo: 'default',
      bar: null,
    });
  });

  test('fills defaults into what a default brought, into items and into values of maps', () => {
    const item = { type: 'object', properties: { port: { type: 'integer', default: 80 } } };
    const schema = {
      type: 'object',
      properties: {
        inner: { ...item, default: {} },
        list: { type: 'array', items: item },
        map: { type: 'object', additionalProperties: item },
      },
    };
    assert.deepEqual(complete(schema, { list: [{}, { port: 1 }], map: { a: {} } }), {
      inner: { port: 80 },
      list: [{ port: 80 }, { port: 1 }],
      map: { a: { port: 80 } },
    });
  });

  test('changes nothing the second time, and never the schema', () => {
    const schema = structuralSchema({
      type: 'object',
      properties: { list: { type: 'array', items: { type: 'string' }, default: ['a'] } },
    });
    const one: { list?: string[] } = {};
    applySchemaDefaults(one, schema, { bytesLeft: 100 });
    one.list?.push('b');
    applySchemaDefaults(one, schema, { bytesLeft: 100 });
    const other = {};
    applySchemaDefaults(other, schema, { bytesLeft: 100 });
    assert.deepEqual([one, other], [{ list: ['a', 'b'] }, { list: ['a'] }]);
  });

  test('stops soon after its budget is used up, at every depth', () => {
    const text = { type: 'string', nullable: false, default: 'x'.repeat(98) };
    const shapes = [
      { schema: { type: 'array', items: text }, draft: Array.from({ length: 50 }, () => null) },
      {
        schema: { type: 'object', additionalProperties: text },
        draft: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, null])),
      },
      {
        schema: { type: 'array', items: { type: 'object', properties: { a: text, b: text } } },
        draft: Array.from({ length: 50 }, () => ({})),
      },
    ];
    for (const { schema, draft } of shapes) {
      const budget = { bytesLeft: 1_000 };
      applySchemaDefaults(draft, structuralSchema(schema), budget);
      assert.ok(budget.bytesLeft < 0);
      const { length } = JSON.stringify(draft).match(/x{98}/g) ?? [];
      assert.ok(length >= 9 && length <= 11, `${length} defaults`);
    }
  });
});
