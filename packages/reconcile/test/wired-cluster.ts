import assert from 'node:assert/strict';
import { loadServiceAccountKeys } from '@fairway/access';
import { type ApiServer, createApiServer } from '@fairway/apiserver';
import { type Client, type MintedCredential, createClient, explicitTarget } from '@fairway/client';
import { buildTransport } from '@fairway/client/connect';
import { type Fault, withFaults } from '@fairway/client/testing';
import { DisposalStack, silentLogger } from '@fairway/host';
import { MemoryFiles, seededRandom } from '@fairway/host/testing';
import { systemClock } from '@fairway/host/nodejs';
import type { Handler } from '@fairway/protocol';
import { type Listener, listen } from '@fairway/serving';
import { admin } from '@fairway/apiserver/testing';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { type Informer, createInformer } from '../src/cache/informer.ts';
import { ChangeOrder } from './fault-schedule.ts';
import { type FaultyWire, openFaultyWire } from './faulty-wire.ts';
import { ConfigMap, type TestCluster, startTestCluster } from './test-cluster.ts';

/** An informer, a real socket, and a server at the other end. */
export interface WiredCluster extends AsyncDisposable {
  readonly cluster: TestCluster;
  readonly wire: FaultyWire;
  readonly informer: Informer<ConfigMap>;
  /** The queries of the requests that have reached the server, faults included. */
  readonly asked: readonly string[];
  /** Lets faults happen to the requests that come next, in front of the server. */
  setFaults(faults: readonly Fault[]): void;
  /** Stops the server, and starts another one over the same store on the same port. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  /** Lets time pass until the cache is as the server is, and one more change has arrived. */
  untilEqual(): Promise<void>;
}

export interface WireOptions {
  readonly protocol: 'HTTP/2 over TLS' | 'plain HTTP/1.1';
  /** Gets a token for the informer; nobody has to say who they are when absent. */
  readonly mint?: (cluster: TestCluster) => Promise<MintedCredential>;
  readonly objectCount?: number;
}

export async function startWiredCluster(options: WireOptions): Promise<WiredCluster> {
  await using opened = new DisposalStack();
  const cluster = opened.use(await startTestCluster());
  const { clock } = cluster.server;
  for (let at = 0; at < (options.objectCount ?? 3); at++) await create(cluster.client, `c${at}`);
  const certificates = await makeTestCertificates();
  const { mint } = options;
  const asked: string[] = [];
  const isSecure = options.protocol === 'HTTP/2 over TLS';
  const handlerOf = (api: ApiServer): Handler =>
    mint === undefined ? api.handlerFor(admin) : api.handler;
  let inner = handlerOf(cluster.server.api);
  let faulty: Handler = inner;
  const open = (port: number): Promise<Listener> =>
    listen({
      host: '127.0.0.1',
      port,
      handler: (request) => {
        asked.push(request.query);
        return faulty(request);
      },
      logger: silentLogger,
      clock: systemClock,
      ...(isSecure ? { tls: certificates.tls } : {}),
    });
  let listener = await open(0);
  opened.defer(() => listener.close());
  const port = portOf(listener);
  const wire = opened.use(await openFaultyWire(() => port));
  const target = explicitTarget(clock, {
    server: `${isSecure ? 'https' : 'http'}://127.0.0.1:${wire.port}`,
    ...(isSecure ? { certificateAuthority: certificates.authority.certificate } : {}),
    ...(mint === undefined ? {} : { credentials: () => mint(cluster) }),
  });
  const transport = opened.use(buildTransport(target, { clock, random: seededRandom(5) }));
  const client = createClient({ transport: transport.send, clock, random: seededRandom(6) });
  const stopping = new AbortController();
  const informer = createInformer(client, ConfigMap, { signal: stopping.signal });
  opened.defer(async () => {
    stopping.abort();
    await informer.ended;
  });
  const order = new ChangeOrder();
  informer.subscribe((change) => order.check(change));
  const kept = opened.move();
  const wired: WiredCluster = {
    cluster,
    wire,
    informer,
    asked,
    setFaults(faults) {
      faulty = withFaults(inner, { faults, clock }).handler;
    },
    async restart(meanwhile) {
      await listener.close();
      await meanwhile();
      inner = handlerOf(kept.use(await startServer(cluster)));
      faulty = inner;
      listener = await open(port);
    },
    untilEqual: () => untilEqual(wired),
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
  await wired.untilEqual();
  return wired;
}

async function untilEqual(wired: WiredCluster): Promise<void> {
  const { cluster, informer } = wired;
  const { client, server } = cluster;
  await becomesEqual(wired);
  // A cache that has lost its watch can be equal, too: for a while.
  const name = `last-${await server.store.currentRevision()}`;
  await create(client, name);
  await becomesEqual(wired);
  assert.ok(informer.get(`default/${name}`));
}

async function becomesEqual({ cluster, informer }: WiredCluster): Promise<void> {
  const { client, server } = cluster;
  let difference = '';
  for (let step = 0; step < 400; step++) {
    const { items } = await client.list(ConfigMap).all();
    const wanted = items.map(versionOf).sort().join(' ');
    const held = [...informer.objects()].map(versionOf).sort().join(' ');
    if (wanted === held) return;
    difference = `the server has ${wanted.slice(0, 300)}, the cache ${held.slice(0, 300)}`;
    await server.clock.advance(2_500);
    // Sockets take real time.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.fail(difference);
}

async function startServer({ server }: TestCluster): Promise<ApiServer> {
  const keys = await loadServiceAccountKeys(new MemoryFiles(), '/sa.key');
  return createApiServer({
    store: server.store,
    clock: server.clock,
    random: seededRandom(8),
    logger: silentLogger,
    serviceAccountTokens: { keys: () => keys },
    authorityCertificate: 'the certificate of the authority',
    advertised: { host: '192.0.2.2', port: 27443 },
    serviceClusterIpRange: '10.0.0.0/24',
    platform: 'linux/amd64',
  });
}

function portOf({ address }: Listener): number {
  assert.ok('port' in address);
  return address.port;
}

function versionOf({ metadata }: ConfigMap): string {
  return `${metadata?.name}@${metadata?.resourceVersion}`;
}

async function create(client: Client, name: string): Promise<void> {
  const labels = { part: 'chaos' };
  await client.create(ConfigMap, { metadata: { name, labels }, data: { filler: 'x'.repeat(200) } });
}
