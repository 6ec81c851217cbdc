import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { createClient } from '@fairway/client';
import { seededRandom, settle } from '@fairway/host/testing';
import { silentLogger as logger } from '@fairway/host';
import { Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { Handler } from '@fairway/protocol';
import { createInformers } from '@fairway/reconcile';
import { keepHealthChecks } from '../src/health-checks/keep-health-checks.ts';

const place = { namespace: 'default' };

const web: Service = {
  metadata: { name: 'web', ...place },
  spec: {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 30_100,
    ports: [{ port: 80 }],
  },
};

const slice: EndpointSlice = {
  metadata: { name: 'web-1', ...place, labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ port: 80 }, { name: 'more', port: 81 }],
  endpoints: [
    { addresses: ['10.244.0.2'], nodeName: 'here' },
    { addresses: ['10.244.0.2'], nodeName: 'here' },
    { addresses: ['10.244.0.3'], nodeName: 'here', conditions: { ready: false } },
    { addresses: ['10.244.1.2'], nodeName: 'there' },
  ],
};

test('keepHealthChecks() answers whether this node has programs of a load balancer', async () => {
  await using server = await startTestServer();
  const { api, clock } = server;
  const stopping = new AbortController();
  const random = seededRandom(9);
  const client = createClient({ transport: api.handlerFor(admin), clock, random });
  const open = new Map<number, Handler>();
  const keeping = keepHealthChecks(
    {
      informers: createInformers({ client, signal: stopping.signal }),
      nodeName: 'here',
      clock,
      random,
      logger,
      async open(port, handler) {
        open.set(port, handler);
        return { [Symbol.asyncDispose]: async () => void open.delete(port) };
      },
    },
    stopping.signal,
  );
  const until = async (ports: readonly number[]): Promise<void> => {
    for (let round = 0; round < 100 && open.size !== ports.length; round++) await settle();
    assert.deepEqual([...open.keys()], ports);
  };
  const ask = async (): Promise<unknown> => {
    const signal = AbortSignal.timeout(5_000);
    const request = { method: 'GET', path: '/healthz', query: '', headers: {}, body: undefined };
    const answer = await open.get(30_100)?.({ ...request, signal });
    const weight = answer?.headers['x-load-balancing-endpoint-weight'];
    return [answer?.status, weight, Buffer.from(answer?.body as Uint8Array).toString()];
  };
  const body = (count: number): string =>
    `{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n\t"localEndpoints": ${count},\n\t"serviceProxyHealthy": true\n}\n`;
  await client.create(Service, web);
  await until([30_100]);
  assert.deepEqual(await ask(), [503, '0', body(0)]);
  await client.create(EndpointSlice, slice);
  for (let round = 0; round < 20; round++) await settle();
  assert.deepEqual(await ask(), [200, '1', body(1)]);
  const cluster = { merge: { spec: { externalTrafficPolicy: 'Cluster' } } };
  await client.patch(Service, 'web', cluster, place);
  await until([]);
  await client.patch(Service, 'web', { merge: { spec: web.spec ?? {} } }, place);
  await until([30_100]);
  stopping.abort();
  await keeping;
  await until([]);
});
