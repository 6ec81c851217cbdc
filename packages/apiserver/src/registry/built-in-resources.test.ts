import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '@fairway/protocol';
import { builtInResources } from './built-in-resources.ts';

test('builtInResources() links the schema of a kind when somebody asks for it', () => {
  const asked: string[] = [];
  const schema: Schema = { type: 'object' };
  const schemas = {
    lookup: (apiVersion: string, kind: string) => {
      asked.push(`${apiVersion} ${kind}`);
      return schema;
    },
    definition: () => undefined,
  };
  const pods = builtInResources(schemas).find(({ plural }) => plural === 'pods');
  assert.deepEqual(asked, []);
  assert.equal(pods?.schema, schema);
  assert.deepEqual(asked, ['v1 Pod']);
});
