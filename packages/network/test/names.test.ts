import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient } from '@fairway/client';
import { seededRandom, settle } from '@fairway/host/testing';
import { Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { encode } from 'dns-packet';
import { NamesError, runNames } from '../src/index.ts';
import type { NameServer } from '../src/names/ask-server.ts';
import { answerTo, startOtherServer } from './other-server.ts';

interface RunningNames extends AsyncDisposable {
  readonly server: TestServer;
  readonly client: Client;
  /** A resolver that is none of ours. */
  readonly resolver: Resolver;
  readonly address: NameServer;
}

async function startNames(
  context: TestContext,
  options: {
    readonly upstreams?: readonly NameServer[];
    readonly port?: number;
    readonly keepsService?: boolean;
  } = {},
): Promise<RunningNames> {
  const { upstreams = [], port = 0, keepsService = true } = options;
  const server = await startTestServer();
  const stopping = new AbortController();
  context.after(() => stopping.abort());
  const listening = Promise.withResolvers<NameServer>();
  const running = runNames(
    {
      handlerFor: server.api.handlerFor,
      clock: server.clock,
      random: seededRandom(5),
      logger: {
        debug() {},
        info: (_, fields) => listening.resolve(fields as unknown as NameServer),
        // A slice leads to no address of this machine alone.
        warn() {},
        error: (message) => assert.fail(message),
      },
      clusterDomain: 'cluster.local',
      serviceAddress: '10.0.0.10',
      keepsService,
      listen: { address: '127.0.0.1', port },
      upstreams: async () => upstreams,
    },
    stopping.signal,
  );
  const address = await Promise.race([listening.promise, running.then(() => assert.fail('ended'))]);
  const resolver = new Resolver({ tries: 1 });
  resolver.setServers([`${address.address}:${address.port}`]);
  const client = createClient({
    transport: server.api.handlerFor(admin),
    clock: server.clock,
    random: seededRandom(6),
  });
  return {
    server,
    client,
    resolver,
    address,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      await server[Symbol.asyncDispose]();
    },
  };
}

test('runNames() answers for a node alone without making a service that others have', async (context) => {
  await using names = await startNames(context, { keepsService: false });
  const { client, resolver } = names;
  const name = 'kubernetes.default.svc.cluster.local';
  const [address] = await resolver.resolve4(name);
  assert.equal(address, (await client.get(Service, 'kubernetes')).spec?.clusterIP);
  assert.equal(await client.find(Service, 'kube-dns', { namespace: 'kube-system' }), undefined);
});

test('runNames() answers other resolvers for services as they come, change and go', async (context) => {
  await using names = await startNames(context);
  const { client, resolver } = names;
  await assert.rejects(resolver.resolve4('web.default.svc.cluster.local'), { code: 'ENOTFOUND' });
  const ports = [{ name: 'http', port: 80 }];
  const metadata = { name: 'web', namespace: 'default' };
  await client.create(Service, { metadata, spec: { clusterIP: '10.0.0.77', ports } });
  await settle();
  const name = 'web.default.svc.cluster.local';
  assert.deepEqual(await resolver.resolve4(name), ['10.0.0.77']);
  await assert.rejects(resolver.resolve6(name), { code: 'ENODATA' });
  assert.deepEqual(await resolver.resolveSrv(`_http._tcp.${name}`), [
    { name, port: 80, priority: 0, weight: 100, type: 'SRV' },
  ]);
  assert.deepEqual(await resolver.reverse('10.0.0.77'), [name]);
  await client.delete(Service, 'web', { namespace: 'default' });
  const headless = { clusterIP: 'None', ports };
  await client.create(Service, { metadata, spec: headless });
  await client.create(EndpointSlice, {
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.244.0.7'], hostname: 'web-0' }, { addresses: ['10.244.0.8'] }],
    ports,
  });
  await settle();
  const found = await resolver.resolve4(name);
  assert.deepEqual(found.toSorted(), ['10.244.0.7', '10.244.0.8']);
  assert.deepEqual(await resolver.resolve4(`web-0.${name}`), ['10.244.0.7']);
});

test('runNames() answers as many addresses as there are, over TCP where they are too many', async (context) => {
  await using names = await startNames(context);
  const { client, resolver } = names;
  const metadata = { name: 'many', namespace: 'default' };
  await client.create(Service, { metadata, spec: { clusterIP: 'None' } });
  const endpoints = Array.from({ length: 500 }, (_, at) => ({
    addresses: [`10.244.${at >> 8}.${at & 255}`],
  }));
  const labels = { 'kubernetes.io/service-name': 'many' };
  await client.create(EndpointSlice, {
    metadata: { ...metadata, labels },
    addressType: 'IPv4',
    endpoints,
  });
  await settle();
  const found = await resolver.resolve4('many.default.svc.cluster.local');
  assert.equal(new Set(found).size, 500);
});

test('runNames() asks others for other names, and follows external names', async (context) => {
  await using other = await startOtherServer((query) =>
    answerTo(query, {
      answers: [{ type: 'A', name: 'example.com', ttl: 60, data: '192.0.2.1' }],
    }),
  );
  await using names = await startNames(context, { upstreams: [other.address] });
  const { client, resolver } = names;
  assert.deepEqual(await resolver.resolve4('example.com'), ['192.0.2.1']);
  const spec = { type: 'ExternalName', externalName: 'example.com' } as const;
  const metadata = { name: 'out', namespace: 'default' };
  await client.create(Service, { metadata, spec });
  await settle();
  assert.deepEqual(await resolver.resolve4('out.default.svc.cluster.local'), ['192.0.2.1']);
  // Names of the cluster are nobody else's business.
  await assert.rejects(resolver.resolve4('none.default.svc.cluster.local'));
  assert.deepEqual(new Set(other.asked), new Set(['udp A example.com']));
});

const busybox = '/bin/busybox';
// In CI all of it is there, or the test fails.
const hasBusybox = process.env['CI'] !== undefined || spawnSync(busybox).error === undefined;
const skip = hasBusybox ? false : 'there is no busybox';

test('runNames() is understood by nslookup', { skip }, async (context) => {
  await using names = await startNames(context);
  const { address, port } = names.address;
  await settle();
  const { stdout } = await promisify(execFile)(busybox, [
    'nslookup',
    '-type=a',
    'kube-dns.kube-system.svc.cluster.local',
    `${address}:${port}`,
  ]);
  assert.match(stdout, /Address: 10\.0\.0\.10\n/);
});

test('runNames() says what to do when its address is not to be had', async (context) => {
  await using other = await startOtherServer(() => undefined);
  await assert.rejects(startNames(context, { port: other.address.port }), (error) => {
    assert.ok(error instanceof NamesError);
    assert.match(error.message, /127\.0\.0\.1:\d+: .*EADDRINUSE.*; see that nothing else listens/);
    return true;
  });
});

test('runNames() answers several messages of a connection, and ends one that says something else', async (context) => {
  await using names = await startNames(context);
  const question = { type: 'A', name: 'kube-dns.kube-system.svc.cluster.local' } as const;
  const message = encode({ type: 'query', id: 5, questions: [question] });
  const frame = Buffer.concat([Buffer.from([0, message.length]), message]);
  const socket = connect(names.address.port, names.address.address);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const twice = Promise.withResolvers<void>();
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes >= 2 * (frame.length + 16)) twice.resolve();
  });
  // In pieces that are no messages.
  const both = Buffer.concat([frame, frame]);
  for (const cut of [0, 1, 20, frame.length + 1]) {
    socket.write(
      both.subarray(
        cut,
        [1, 20, frame.length + 1, both.length].find((to) => to > cut),
      ),
    );
    await settle();
  }
  await twice.promise;
  const answers = Buffer.concat(chunks);
  const sizes = [answers.readUInt16BE(0), answers.readUInt16BE(answers.readUInt16BE(0) + 2)];
  assert.deepEqual(sizes, [message.length + 16, message.length + 16]);
  socket.write(Buffer.from('\0\u0005GET /'));
  await new Promise((resolve) => socket.on('close', resolve));
});

test('runNames() holds only so many connections of a client', async (context) => {
  await using names = await startNames(context);
  const { address, port } = names.address;
  const sockets = Array.from({ length: 40 }, () => connect(port, address));
  let closed = 0;
  const enough = Promise.withResolvers<void>();
  for (const socket of sockets) {
    socket.on('error', () => {});
    socket.on('close', () => {
      closed++;
      if (closed === 8) enough.resolve();
    });
  }
  await enough.promise;
  await settle();
  assert.equal(closed, 8);
  for (const socket of sockets) socket.destroy();
});
