import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { structuralSchema } from './structural/structural-schema.ts';
import { applySchemaDefaults } from './apply-schema-defaults.ts';

function complete(schema: object, draft: object): object {
  applySchemaDefaults(draft, structuralSchema({ ...schema }));
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
    applySchemaDefaults(one, schema);
    one.list?.push('b');
    applySchemaDefaults(one, schema);
    const other = {};
    applySchemaDefaults(other, schema);
    assert.deepEqual([one, other], [{ list: ['a', 'b'] }, { list: ['a'] }]);
  });
});
