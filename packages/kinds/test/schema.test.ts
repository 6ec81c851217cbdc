import assert from 'node:assert/strict';
import { test } from 'node:test';

import { builtInDefinitions, builtInSchemas } from '@fairway/kinds/schema';
import type { Schema } from '@fairway/protocol';

const schemas = builtInSchemas();

function at(apiVersion: string, kind: string, ...fields: readonly string[]): Schema {
  let schema = schemas.lookup(apiVersion, kind);
  assert.ok(schema, `${apiVersion} ${kind}`);
  for (const field of fields) {
    schema = (schema.items ?? schema).properties?.get(field);
    assert.ok(schema, field);
  }
  return schema;
}

test('builtInSchemas() knows kinds of every group, lists and options included, and no others', () => {
  assert.deepEqual(at('v1', 'PodList').required, ['items']);
  assert.equal(
    at('apps/v1', 'DeleteOptions').properties?.get('gracePeriodSeconds')?.format,
    'int64',
  );
  assert.equal(at('v1', 'Status').type, 'object');
  assert.equal(schemas.lookup('apps/v1', 'Pod'), undefined);
  assert.equal(schemas.lookup('v1', 'constructor'), undefined);
  assert.equal(schemas.definition('io.k8s.api.core.v1.Pod'), schemas.lookup('v1', 'Pod'));
});

test('builtInSchemas() keeps what merging and defaulting need', () => {
  const containers = at('apps/v1', 'Deployment', 'spec', 'template', 'spec', 'containers');
  assert.equal(containers.listType, 'map');
  assert.deepEqual(containers.listMapKeys, ['name']);
  assert.deepEqual(containers.patchStrategy, ['merge']);
  assert.equal(containers.patchMergeKey, 'name');
  assert.deepEqual(containers.items?.required, ['name']);
  assert.deepEqual(at('v1', 'Pod', 'spec', 'volumes').patchStrategy, ['merge', 'retainKeys']);
  const protocol = at('v1', 'Pod', 'spec', 'containers', 'ports', 'protocol');
  assert.equal(protocol.default, 'TCP');
  assert.deepEqual(protocol.enum, ['SCTP', 'TCP', 'UDP']);
});

test('builtInSchemas() says the forms that OpenAPI does not', () => {
  const limits = at('v1', 'Pod', 'spec', 'containers', 'resources', 'limits');
  assert.deepEqual(limits.additionalProperties, { type: 'string', format: 'quantity' });
  assert.equal(at('v1', 'Service', 'spec', 'ports', 'targetPort').isIntOrString, true);
  assert.equal(at('v1', 'Event', 'eventTime').format, 'micro-time');
  assert.equal(at('v1', 'Pod', 'metadata', 'creationTimestamp').format, 'date-time');
  const fields = at('v1', 'Pod', 'metadata', 'managedFields', 'fieldsV1');
  assert.equal(fields.preservesUnknownFields, true);
  assert.equal(at('v1', 'Pod', 'spec').preservesUnknownFields, undefined);
});

test('builtInSchemas() links a schema that contains itself', () => {
  const schema = at(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    'spec',
    'versions',
    'schema',
    'openAPIV3Schema',
  );
  assert.equal(
    schema.properties?.get('properties')?.additionalProperties?.properties,
    schema.properties,
  );
  assert.deepEqual(schema.properties?.get('default'), {});
});

test('every definition links, and every reference in the definitions is one of them', () => {
  const definitions = builtInDefinitions();
  assert.ok(definitions.size > 500);
  for (const [name, definition] of definitions) {
    assert.ok(schemas.definition(name), name);
    for (const [, reference = ''] of JSON.stringify(definition).matchAll(
      /"#\/components\/schemas\/([^"]+)"/g,
    )) {
      assert.ok(definitions.has(reference), reference);
    }
  }
});

test('builtInDefinitions() gives OpenAPI v3 back, without words', () => {
  assert.deepEqual(builtInDefinitions().get('io.k8s.api.core.v1.ConfigMapKeySelector'), {
    type: 'object',
    required: ['key'],
    properties: {
      key: { type: 'string', default: '' },
      name: { type: 'string', default: '' },
      optional: { type: 'boolean' },
    },
    'x-kubernetes-map-type': 'atomic',
  });
});
