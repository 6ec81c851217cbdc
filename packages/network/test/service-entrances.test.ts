import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient } from '@fairway/client';
import { seededRandom } from '@fairway/host/testing';
import { Service, type ServicePort } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { runServiceEntrances } from '../src/index.ts';
import type { EntranceChange } from '../src/balancing/entrance-change.ts';

/** A network whose program a test ends, with what it was told. */
class ScriptedNetwork {
  readonly #changes: EntranceChange[] = [];
  #wake = Promise.withResolvers<void>();
  #closed = Promise.withResolvers<void>();
  #isThere = true;
  readonly problems = new Set<string>();

  open = async () => {
    if (!this.#isThere) return undefined;
    const closed = Promise.withResolvers<void>();
    this.#closed = closed;
    return {
      closed: closed.promise,
      change: async (change: EntranceChange) => {
        this.#changes.push(change);
        this.#wake.resolve();
        this.#wake = Promise.withResolvers();
        const failed = change.set.filter(({ key }) => this.problems.has(key));
        return failed.map(({ key }) => ({ key, message: 'EADDRNOTAVAIL' }));
      },
      [Symbol.dispose]: () => closed.resolve(),
    };
  };

  enter = async (key: string, client: string) => {
    const stream = new PassThrough();
    stream.end(`${key} for ${client}`);
    return stream;
  };

  end(): void {
    this.#isThere = false;
    this.#closed.resolve();
  }

  begin(): void {
    this.#isThere = true;
  }

  /** The next thing that it was told and nobody has asked for. */
  async told(): Promise<EntranceChange> {
    for (;;) {
      const change = this.#changes.shift();
      if (change !== undefined) return change;
      await this.#wake.promise;
    }
  }

  async toldOf(key: string): Promise<EntranceChange['set'][number]> {
    for (;;) {
      const found = (await this.told()).set.find((each) => each.key === key);
      if (found !== undefined) return found;
    }
  }
}

async function start(context: TestContext): Promise<{
  readonly network: ScriptedNetwork;
  readonly client: Client;
  readonly advance: (ms: number) => Promise<void>;
}> {
  const server = await startTestServer();
  const stopping = new AbortController();
  const network = new ScriptedNetwork();
  const running = runServiceEntrances(
    {
      handlerFor: server.api.handlerFor,
      clock: server.clock,
      random: seededRandom(5),
      logger: { debug() {}, info() {}, warn() {}, error: (message) => assert.fail(message) },
      nodeName: 'here',
      nodeAddresses: ['127.0.0.1'],
      nodePortAddress: '127.0.0.1',
      podCidrs: ['10.244.0.0/24'],
      serviceCidr: '10.0.0.0/24',
      taken: [{ address: '10.0.0.1', port: 443 }],
      doors: network,
    },
    stopping.signal,
  );
  context.after(async () => {
    stopping.abort();
    await running;
    await server[Symbol.asyncDispose]();
  });
  const client = createClient({
    transport: server.api.handlerFor(admin),
    clock: server.clock,
    random: seededRandom(6),
  });
  return { network, client, advance: (ms) => server.clock.advance(ms) };
}

async function makeService(client: Client, port: ServicePort): Promise<string> {
  const { spec } = await client.create(Service, {
    metadata: { name: 'web' },
    spec: { ports: [port], type: 'NodePort' },
  });
  await client.create(EndpointSlice, {
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080 }],
    endpoints: [{ addresses: ['10.244.0.2'] }],
  });
  return `tcp ${spec?.clusterIP ?? ''}:80`;
}

test('runServiceEntrances() tells of services as they come, change and go, and never of others', async (context) => {
  const { network, client } = await start(context);
  assert.equal((await network.told()).isWhole, true);
  const key = await makeService(client, { port: 80 });
  let entrance = await network.toldOf(key);
  while (entrance.backends.length === 0) entrance = await network.toldOf(key);
  assert.deepEqual(entrance.backends, [{ address: '10.244.0.2', port: 8080, isOutside: false }]);
  await client.delete(Service, 'web');
  for (;;) {
    const change = await network.told();
    assert.equal(change.isWhole, false);
    if (change.gone.includes(key)) break;
  }
});

test('runServiceEntrances() tells everything to a program that begins anew', async (context) => {
  const { network, client, advance } = await start(context);
  const key = await makeService(client, { port: 80 });
  while ((await network.toldOf(key)).backends.length === 0);
  network.end();
  await advance(500);
  network.begin();
  await advance(500);
  const change = await network.told();
  assert.equal(change.isWhole, true);
  assert.equal(change.set.find((each) => each.key === key)?.backends.length, 1);
});

test('runServiceEntrances() tells again of what could not be had', async (context) => {
  const { network, client, advance } = await start(context);
  await network.told();
  network.problems.add('tcp 10.0.0.77:80');
  await client.create(Service, {
    metadata: { name: 'web' },
    spec: { clusterIP: '10.0.0.77', ports: [{ port: 80 }] },
  });
  await network.toldOf('tcp 10.0.0.77:80');
  network.problems.clear();
  await advance(10_000);
  await network.toldOf('tcp 10.0.0.77:80');
});

test('a node port leads to its entrance as long as there are backends', async (context) => {
  const { network, client } = await start(context);
  const nodePort = await freePort();
  const key = `tcp node port ${nodePort}`;
  await makeService(client, { port: 80, nodePort });
  while ((await network.toldOf(key)).backends.length === 0);
  assert.equal(await answer(nodePort), `${key} for 127.0.0.1`);
  await client.delete(EndpointSlice, 'web-1');
  while ((await network.toldOf(key)).backends.length > 0);
  while ((await answer(nodePort)) !== 'ECONNREFUSED');
});

/** In the range of node ports. */
async function freePort(): Promise<number> {
  for (let port = 30_000; port < 32_768; port += 1) {
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]).catch(() => false);
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error('no node port is free');
}

async function answer(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
