import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { type Client, createClient, explicitTarget } from '@fairway/client';
import { buildTransport } from '@fairway/client/connect';
import { silentLogger } from '@fairway/host';
import { systemClock } from '@fairway/host/nodejs';
import { seededRandom } from '@fairway/host/testing';
import { listen } from '@fairway/serving';
import { admin } from '@fairway/apiserver/testing';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { ConfigMap, configMap, startTestCluster } from './test-cluster.ts';

test('calls inside the process leave no listener on the signal that they share', async () => {
  await using cluster = await startTestCluster();
  await leavesNoListener(cluster.client);
});

for (const isSecure of [true, false]) {
  const wire = isSecure ? 'HTTP/2' : 'HTTP/1.1';
  test(`a client over ${wire} leaves no listener on the signal that its calls share`, async () => {
    await using cluster = await startTestCluster();
    const certificates = await makeTestCertificates();
    await using listener = await listen({
      host: '127.0.0.1',
      port: 0,
      handler: cluster.server.api.handlerFor(admin),
      logger: silentLogger,
      clock: systemClock,
      ...(isSecure ? { tls: certificates.tls } : {}),
    });
    const target = explicitTarget(systemClock, {
      server: listener.url,
      ...(isSecure ? { certificateAuthority: certificates.authority.certificate } : {}),
    });
    const machine = { clock: systemClock, random: seededRandom(5) };
    await using transport = buildTransport(target, machine);
    await leavesNoListener(createClient({ transport: transport.send, ...machine }));
  });
}

/** Calls of every shape: answered, refused, streamed, left early. */
async function leavesNoListener(client: Client): Promise<void> {
  const { signal } = new AbortController();
  await client.create(ConfigMap, configMap('a'), { signal });
  await assert.rejects(client.create(ConfigMap, configMap('a'), { signal }));
  await client.get(ConfigMap, 'a', { signal });
  await client.find(ConfigMap, 'missing', { signal });
  await client.get(ConfigMap, 'a', { signal, timeoutMs: 60_000 });
  await client.patch(ConfigMap, 'a', { merge: { data: { v: '2' } } }, { signal });
  await client.list(ConfigMap, { signal }).all();
  await client.waitFor(ConfigMap, 'a', () => true, { signal });
  for await (const _ of client.list(ConfigMap, { signal })) break;
  for await (const _ of client.watch(ConfigMap, { signal })) break;
  for await (const _ of client.reflect(ConfigMap, { signal })) break;
  await client.delete(ConfigMap, 'a', { signal });
  // The last streams close in turns of their own.
  for (let turn = 0; listenersOf(signal) > 0 && turn < 50; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(listenersOf(signal), 0);
}

function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}
