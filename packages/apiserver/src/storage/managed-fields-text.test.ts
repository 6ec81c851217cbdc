import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubernetesObject, stringifyJson } from '@fairway/protocol';
import fc from 'fast-check';
import { fieldsTextOf, managedFieldsText, parseObject } from './managed-fields-text.ts';

const tricky = '}],"managedFields":[{"fieldsV1":{"\\":{}}},{';

const fields = fc.dictionary(
  fc.constantFrom('f:a', 'f:fieldsV1', `k:{"name":${JSON.stringify(tricky)}}`, 'v:"\\\\"', '.'),
  fc.constantFrom({}, { '.': {}, 'f:managedFields': {} }),
);

const entry = fc.record(
  {
    manager: fc.constantFrom('kubectl', tricky),
    operation: fc.constantFrom('Apply', 'Update'),
    apiVersion: fc.constant('v1'),
    time: fc.constant('2026-01-01T00:00:00Z'),
    fieldsType: fc.constant('FieldsV1'),
    fieldsV1: fc.option(fields),
    subresource: fc.constantFrom('status', tricky),
  },
  { requiredKeys: ['operation', 'apiVersion', 'fieldsType'] },
);

const objects = fc.record(
  {
    kind: fc.constant('Lamp'),
    apiVersion: fc.constant('example.com/v1'),
    metadata: fc.record(
      {
        name: fc.constant('a'),
        annotations: fc.dictionary(fc.constantFrom('managedFields', 'b'), fc.constant(tricky)),
        managedFields: fc.array(entry, { maxLength: 3 }),
      },
      { requiredKeys: ['name'] },
    ),
    spec: fc.oneof(
      fc.record({ managedFields: fc.array(entry, { maxLength: 2 }), fieldsV1: fields }),
      fc.record({
        metadata: fc.record({ managedFields: fc.array(fc.record({ fieldsV1: fields })) }),
      }),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: ['kind', 'apiVersion', 'metadata'] },
);

test('parseObject() reads what JSON says, wherever the names of managed fields stand', () => {
  fc.assert(
    fc.property(objects, (object) => {
      const text = JSON.stringify(object);
      assert.equal(stringifyJson(parseObject(text)), text);
    }),
    { numRuns: 500 },
  );
});

test('parseObject() leaves what owners own as it is written, until somebody asks', () => {
  const own = '{"f:data":{".":{} , "f:a":{}}}';
  const head = '"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1"';
  const text = `{"metadata":{"managedFields":[{${head},"fieldsV1":${own},"subresource":"status"}]}}`;
  const { managedFields = [] } = (parseObject(text) as KubernetesObject).metadata ?? {};
  assert.deepEqual(managedFields.map(fieldsTextOf), [own]);
  assert.equal(
    managedFieldsText(managedFields),
    `[{${head},"fieldsV1":${own},"subresource":"status"}]`,
  );
  assert.deepEqual(managedFields[0]?.fieldsV1, JSON.parse(own));
});
