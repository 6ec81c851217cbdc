import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { builtInSchemas } from '@fairway/kinds/schema';
import type { Call } from '../calls/call.ts';
import { decodeObject } from './decode-object.ts';
import type { ExpectedObject } from './expected-object.ts';

const expected = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  schema: builtInSchemas().lookup('v1', 'ConfigMap'),
  isBuiltIn: true,
  unknownFields: 'dropped',
} as ExpectedObject;

async function warningsOf(unknownFields: number, duplicates = ''): Promise<readonly string[]> {
  const fields = Array.from({ length: unknownFields }, (_, at) => [`x${at}`, 1] as const);
  const json = JSON.stringify(Object.fromEntries(fields));
  const bytes = Buffer.from(json.replace('{', `{${duplicates}`));
  const warnings: string[] = [];
  const call = { request: { headers: {} }, warnings } as unknown as Call;
  await decodeObject(call, expected, { body: { bytes }, fieldValidation: 'Warn' });
  return warnings;
}

test('decodeObject() warns of each unknown field, of a thousand at most', async () => {
  deepEqual(await warningsOf(1), ['unknown field "x0"']);
  equal((await warningsOf(1_000)).length, 1_000);
  equal((await warningsOf(1_001)).length, 1_000);
  equal((await warningsOf(1_000, '"data":{},"data":{},')).length, 1_000);
  equal((await warningsOf(998, '"data":{},"data":{},')).length, 999);
});
