import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@fairway/client';
import { type LogFields, silentLogger } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { HttpResponse } from '@fairway/protocol';
import { servedSchemas } from './served-schemas.ts';

const boat = { group: 'sea.example.org', version: 'v1', kind: 'Boat' };

/** What is found for boats in a document, and what the log is told. */
async function lookedUp(document: string | undefined): Promise<readonly [unknown, string]> {
  const told: LogFields[] = [];
  const warn = (_: string, fields: LogFields = {}): void => void told.push(fields);
  const status = document === undefined ? 404 : 200;
  const answer: HttpResponse = { status, headers: {}, body: Buffer.from(document ?? '{}') };
  const client = createClient({
    transport: async ({ path }) => {
      assert.equal(path, '/openapi/v3/apis/sea.example.org/v1');
      return answer;
    },
    clock: new ManualClock(),
    random: seededRandom(1),
  });
  const logger = { ...silentLogger, warn };
  const lookup = await servedSchemas({ client, logger }, [boat], new AbortController().signal);
  return [lookup(boat), told.map(({ error }) => String(error)).join()];
}

function withSchemas(schemas: object): string {
  return JSON.stringify({ components: { schemas } });
}

const kinds = { 'x-kubernetes-group-version-kind': [boat] };

test('the schema of a kind is found by the kind that its definition names, with what it refers to', async () => {
  const spec = { allOf: [{ $ref: '#/components/schemas/Spec' }], description: 'how it is built' };
  const [schema, told] = await lookedUp(
    withSchemas({
      Other: { type: 'string' },
      Boat: { type: 'object', properties: { spec }, ...kinds },
      Spec: { type: 'object', properties: { masts: { type: 'integer' } } },
    }),
  );
  assert.deepEqual(schema, {
    type: 'object',
    properties: new Map([
      ['spec', { type: 'object', properties: new Map([['masts', { type: 'integer' }]]) }],
    ]),
  });
  assert.equal(told, '');
});

test('of a document that is not there, or none, nothing is known, and the log says why', async () => {
  assert.deepEqual(await lookedUp(undefined), [undefined, '']);
  assert.deepEqual(await lookedUp(withSchemas({ Boat: null, Other: [] })), [undefined, '']);
  const refused = async (document: string): Promise<string> => {
    const [schema, told] = await lookedUp(document);
    assert.equal(schema, undefined);
    return told;
  };
  assert.match(await refused('{'), /cannot be read: unexpected end of JSON input/);
  assert.match(await refused(withSchemas({ Boat: { properties: { a: null }, ...kinds } })), /null/);
  const long = withSchemas({ Boat: { description: 'x'.repeat(4 * 1024 * 1024), ...kinds } });
  assert.match(await refused(long), /has more than 4194304 bytes/);
  const many = withSchemas({ Boat: { enum: Array(500_001).fill(1), ...kinds } });
  assert.match(await refused(many), /more than 500000 fields and elements/);
});
