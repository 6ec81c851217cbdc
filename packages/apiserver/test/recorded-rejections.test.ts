import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import {
  readRecordedExpressions,
  readRecordedRejections,
} from '../../../test/golden/golden-cases.ts';

test('POST refuses what a kube-apiserver 1.36 refuses, for the same causes', async (t) => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
  for (const { name, path, request, causes } of readRecordedRejections()) {
    await t.test(name, async () => {
      const { json } = await server.expect(422, 'POST', `${path}?dryRun=All`, { body: request });
      const found = json['details'].causes as readonly Cause[];
      assert.deepEqual(
        found.map(({ reason, field, message }) => [reason, field, message]),
        causes,
      );
    });
  }
});

test('POST takes the expressions that a kube-apiserver 1.36 took', async (t) => {
  await using server = await startTestServer();
  for (const { name, path, request } of readRecordedExpressions()) {
    await t.test(name, async () => {
      await server.expect(201, 'POST', `${path}?dryRun=All`, { body: request });
    });
  }
});

interface Cause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}
