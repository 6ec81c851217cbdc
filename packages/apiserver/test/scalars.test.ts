import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type AnyObject, startTestServer } from '@fairway/apiserver/testing';

/** A creation, and what a real server answered. */
interface Recorded {
  readonly path: string;
  readonly body: string;
  readonly code: number;
  readonly message?: string;
  /** What was kept of a field of the object. */
  readonly field?: string;
  readonly stored?: unknown;
}

const recorded = JSON.parse(
  readFileSync(new URL('fixtures/scalars.json', import.meta.url), 'utf8'),
) as readonly Recorded[];

test('times, numbers, quantities and bytes are taken and refused as a real server does', async (t) => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
  for (const { path, body, code, message, field = '', stored } of recorded) {
    await t.test(body.slice(-80), async () => {
      const answer = await server.request('POST', path, { body });
      assert.equal(answer.status, code, answer.json.message);
      if (message !== undefined) assert.equal(plain(answer.json.message), plain(message));
      else assert.deepEqual(at(answer.json, field) ?? null, stored ?? null);
    });
  }
});

/** Without the Go type that the field belongs to, which schemas do not name. */
function plain(message: string): string {
  return message.replace(/(Go struct field) \w+\.(?:.*\.)?(\w+)/, '$1 $2');
}

function at(object: AnyObject, field: string): unknown {
  let value: unknown = object;
  for (const step of field.split(/[.[\]]+/).filter((each) => each !== '')) {
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[step];
  }
  return value;
}
