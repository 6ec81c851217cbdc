import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GoldenCase, readGoldenCases } from '../../../test/golden/golden-cases.ts';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const cases = [...readGoldenCases('defaulting.json'), ...readGoldenCases('rejections.json')];

test('POST answers golden objects, completed or refused, as a kube-apiserver 1.36 does', async (t) => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
  const before = await server.store.currentRevision();
  for (const golden of cases) {
    await t.test(golden.name, () => compare(server, golden));
  }
  await t.test('and a dry run leaves nothing behind', async () => {
    assert.equal(await server.store.currentRevision(), before);
  });
});

async function compare(server: TestServer, golden: GoldenCase): Promise<void> {
  const { path, request, code, response } = golden;
  const body = typeof request === 'string' ? request : JSON.stringify(request);
  const answer = await server.expect(code, 'POST', `${path}?dryRun=All`, { body });
  assert.deepEqual(withoutVolatile(answer.json), withoutVolatile(response));
}

/** What is made up anew for every object. That it is there at all is compared. */
const volatile: ReadonlySet<string> = new Set([
  'uid',
  'creationTimestamp',
  'lastTransitionTime',
  'lastPhaseTransitionTime',
  'clusterIP',
  'clusterIPs',
  'nodePort',
]);

function withoutVolatile(value: unknown, uid = uidOf(value)): unknown {
  if (typeof value === 'string') {
    const named = value.replace(/^kube-api-access-[a-z0-9]{5}$/, 'kube-api-access-xxxxx');
    return named === uid ? 'the-uid' : named;
  }
  if (Array.isArray(value)) return value.map((item) => withoutVolatile(item, uid));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'managedFields')
      .map(([key, inner]) => [
        key,
        volatile.has(key) ? shapeOf(inner) : withoutVolatile(inner, uid),
      ]),
  );
}

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  return value === 'None' ? value : typeof value;
}

function uidOf(value: unknown): string | undefined {
  return (value as { metadata?: { uid?: string } }).metadata?.uid;
}
