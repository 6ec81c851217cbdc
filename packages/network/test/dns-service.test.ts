import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient } from '@fairway/client';
import { seededRandom, settle } from '@fairway/host/testing';
import { Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { ResourceDescriptor } from '@fairway/protocol';
import { createInformers } from '@fairway/reconcile';
import { keepDnsService } from '../src/names/keep-dns-service.ts';

const place = { namespace: 'kube-system' };

interface KeptService extends AsyncDisposable {
  readonly server: TestServer;
  readonly client: Client;
  readonly warnings: readonly string[];
}

async function startKeeping(made?: Service): Promise<KeptService> {
  const server = await startTestServer();
  const { api, clock } = server;
  const stopping = new AbortController();
  const { signal } = stopping;
  const random = seededRandom(9);
  const client = createClient({ transport: api.handlerFor(admin), clock, random });
  if (made !== undefined) await client.create(Service, made);
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const keeping = keepDnsService(
    {
      client,
      informers: createInformers({ client, signal }),
      serviceAddress: '10.0.0.10',
      server: { address: '10.244.0.1', port: 53 },
      clock,
      random,
      logger: { debug() {}, info() {}, warn, error: warn },
    },
    signal,
  );
  return {
    server,
    client,
    warnings,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await keeping;
      await server[Symbol.asyncDispose]();
    },
  };
}

async function until(isReached: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 100 && !(await isReached()); round++) await settle();
  assert.ok(await isReached());
}

async function isThere(client: Client, kind: ResourceDescriptor): Promise<boolean> {
  return client.get(kind, 'kube-dns', place).then(
    () => true,
    () => false,
  );
}

test('keepDnsService() keeps the service kube-dns, which leads to a server', async () => {
  await using kept = await startKeeping();
  const { client } = kept;
  await until(() => isThere(client, EndpointSlice));
  const service = await client.get(Service, 'kube-dns', place);
  assert.equal(service.spec?.clusterIP, '10.0.0.10');
  assert.equal(service.spec?.selector, undefined);
  assert.deepEqual(
    service.spec?.ports?.map(({ name, protocol, port }) => `${name} ${protocol} ${port}`),
    ['dns UDP 53', 'dns-tcp TCP 53'],
  );
  assert.equal(service.metadata?.labels?.['k8s-app'], 'kube-dns');
  const endpoints = async (): Promise<unknown> => {
    const {
      endpoints: found,
      ports,
      metadata,
    } = await client.get(EndpointSlice, 'kube-dns', place);
    const names = metadata?.labels?.['kubernetes.io/service-name'];
    return [found?.map(({ addresses }) => addresses), ports?.map(({ port }) => port), names];
  };
  const wanted = [[['10.244.0.1']], [53, 53], 'kube-dns'];
  assert.deepEqual(await endpoints(), wanted);
  // Whoever takes them away or leads them elsewhere has them back.
  await client.delete(Service, 'kube-dns', place);
  await until(() => isThere(client, Service));
  const merge = { endpoints: [{ addresses: ['192.0.2.9'] }] };
  await client.patch(EndpointSlice, 'kube-dns', { merge }, place);
  await until(async () => isDeepStrictEqual(await endpoints(), wanted));
  await client.delete(EndpointSlice, 'kube-dns', place);
  await until(() => isThere(client, EndpointSlice));
  assert.deepEqual(await endpoints(), wanted);
  assert.deepEqual(kept.warnings, []);
});

test('keepDnsService() leaves a service alone that leads to pods', async () => {
  const ports = [{ name: 'dns', port: 53, protocol: 'UDP' }] as const;
  const spec = { selector: { 'k8s-app': 'kube-dns' }, ports };
  await using kept = await startKeeping({ metadata: { name: 'kube-dns', ...place }, spec });
  for (let round = 0; round < 20; round++) await settle();
  assert.equal(await isThere(kept.client, EndpointSlice), false);
});

test('keepDnsService() tells when pods are told another address than the service has', async () => {
  const ports = [{ name: 'dns', port: 53, protocol: 'UDP' }] as const;
  const spec = { clusterIP: '10.0.0.11', ports };
  await using kept = await startKeeping({ metadata: { name: 'kube-dns', ...place }, spec });
  await until(() => isThere(kept.client, EndpointSlice));
  assert.deepEqual(
    new Set(kept.warnings),
    new Set(['the service of names has another address than pods are told']),
  );
});
