import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { HttpRequest } from '@fairway/protocol';
import { type Client, createClient } from '../client.ts';
import { bindPod, evictPod, requestToken } from './pod-calls.ts';

test('evictPod() posts an Eviction with what deletes the pod', async () => {
  const { client, asked } = clientAnswering({ kind: 'Status', status: 'Success' });
  await evictPod(client, 'web', { namespace: 'shop', gracePeriodSeconds: 5, dryRun: true });
  assert.deepEqual(asked, [
    'POST /api/v1/namespaces/shop/pods/web/eviction?dryRun=All',
    {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'web', namespace: 'shop' },
      deleteOptions: { gracePeriodSeconds: 5 },
    },
  ]);
});

test('bindPod() posts a Binding to the pod', async () => {
  const { client, asked } = clientAnswering({ kind: 'Status', status: 'Success' });
  await bindPod(client, { pod: 'web', node: 'n1' });
  assert.deepEqual(asked, [
    'POST /api/v1/namespaces/default/pods/web/binding',
    {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'web', namespace: 'default' },
      target: { apiVersion: 'v1', kind: 'Node', name: 'n1' },
    },
  ]);
});

test('requestToken() answers the token and when it ends', async () => {
  const status = { token: 't', expirationTimestamp: '2026-01-01T01:00:00Z' };
  const spec = { expirationSeconds: 600 };
  const { client, asked } = clientAnswering({ kind: 'TokenRequest', spec, status });
  const given = await requestToken(client, 'robot', { expirationSeconds: 3600 });
  assert.deepEqual(given, { ...status, expirationSeconds: 600 });
  assert.equal(asked[0], 'POST /api/v1/namespaces/default/serviceaccounts/robot/token');
  const { spec: wish } = asked[1] as { spec: unknown };
  assert.deepEqual(wish, { audiences: [], expirationSeconds: 3600 });
});

function clientAnswering(object: object): { client: Client; asked: unknown[] } {
  const asked: unknown[] = [];
  const client = createClient({
    clock: new ManualClock(),
    random: seededRandom(1),
    async transport({ method, path, query, body }: HttpRequest) {
      asked.push(`${method} ${path}${query === '' ? '' : `?${query}`}`);
      asked.push(JSON.parse(Buffer.from(body as Uint8Array).toString()));
      return { status: 201, headers: {}, body: Buffer.from(JSON.stringify(object)) };
    },
  });
  return { client, asked };
}
