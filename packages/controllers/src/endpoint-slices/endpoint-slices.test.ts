import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Endpoints, Event, Node, Pod, Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import {
  type RunningCluster,
  startRunningCluster,
  addNamespace,
} from '../../test/running-cluster.ts';

const namespace = 'shop';
const where = { namespace };
const controllers = [
  'endpoints-controller',
  'endpointslice-controller',
  'endpointslice-mirroring-controller',
];

async function startShop(): Promise<RunningCluster> {
  const cluster = await startRunningCluster({ controllers });
  const { client } = cluster;
  await addNamespace(client, namespace);
  return cluster;
}

async function addNode({ client }: RunningCluster, name: string, zone: string): Promise<void> {
  const status = {
    allocatable: { cpu: '4' },
    conditions: [{ type: 'Ready', status: 'True' as const }],
  };
  const metadata = { name, labels: { 'topology.kubernetes.io/zone': zone } };
  const node = await client.create(Node, { metadata });
  await client.subresource<Node>(Node, name, 'status').replace({ ...node, status });
}

async function addPod(
  { client }: RunningCluster,
  name: string,
  { nodeName, ip, ready = 'True' }: { nodeName: string; ip: string; ready?: 'True' | 'False' },
): Promise<void> {
  const pod = await client.create(Pod, {
    metadata: { name, namespace, labels: { app: 'web' } },
    spec: { nodeName, containers: [{ name: 'main', image: 'web:1' }] },
  });
  const conditions = [{ type: 'Ready', status: ready }];
  const status = { phase: 'Running' as const, podIP: ip, podIPs: [{ ip }], conditions };
  await client.subresource<Pod>(Pod, name, 'status', where).replace({ ...pod, status });
}

async function slicesOf({ client }: RunningCluster): Promise<readonly EndpointSlice[]> {
  return (await client.list(EndpointSlice, where).all()).items;
}

async function eventTexts({ client }: RunningCluster): Promise<readonly string[]> {
  const { items } = await client.list(Event, where).all();
  return items.map(({ reason, message }) => `${reason}: ${message}`);
}

test('a slice holds 100 endpoints, and nothing is written without need', async () => {
  await using cluster = await startShop();
  const { client, until, countRequests } = cluster;
  await addNode(cluster, 'n', 'z');
  for (let at = 0; at < 150; at++) {
    const ip = `10.1.${at >> 8}.${at & 255}`;
    await addPod(cluster, `p-${at}`, { nodeName: 'n', ip, ready: at < 10 ? 'False' : 'True' });
  }
  await client.create(Service, {
    metadata: { name: 'web', namespace },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await until('all endpoints', async () => {
    const slices = await slicesOf(cluster);
    return slices.reduce((sum, { endpoints }) => sum + (endpoints?.length ?? 0), 0) === 150;
  });
  const lengths = (await slicesOf(cluster)).map(({ endpoints }) => endpoints?.length ?? 0);
  assert.ok(
    lengths.every((length) => length <= 100),
    `slices of ${lengths.join()}`,
  );
  const addressCounts = async (): Promise<readonly (number | undefined)[]> => {
    const { subsets: [subset] = [] } = await client.get(Endpoints, 'web', where);
    return [subset?.addresses?.length, subset?.notReadyAddresses?.length];
  };
  await until('the Endpoints', async () => (await addressCounts()).join() === '140,10');
  const writes = countRequests('PUT', /endpoint/);
  const merge = { metadata: { annotations: { note: 'of no concern' } } };
  await client.patch(Pod, 'p-1', { merge }, where);
  await client.patch(Service, 'web', { merge }, where);
  await cluster.server.clock.advance(10_000);
  assert.equal(writes(), 0);
  for (let at = 20; at < 60; at++)
    await client.delete(Pod, `p-${at}`, { ...where, gracePeriodSeconds: 0 });
  await until('fewer addresses', async () => (await addressCounts()).join() === '100,10');
  assert.ok(writes() < 20, `${writes()} writes for 40 pods that went at once`);
  assert.deepEqual(cluster.warnings, []);
});

test('endpoints get the zones of their nodes, and hints when the service wants them', async () => {
  await using cluster = await startShop();
  const { client, until } = cluster;
  await addNode(cluster, 'n0', 'a');
  await addNode(cluster, 'n1', 'b');
  await client.create(Service, {
    metadata: { name: 'web', namespace },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  for (let at = 0; at < 4; at++) {
    await addPod(cluster, `p-${at}`, { nodeName: 'n0', ip: `10.1.0.${at}` });
  }
  await addPod(cluster, 'p-lost', { nodeName: 'n2', ip: '10.1.1.1' });
  const hintsAre = async (what: string, expected: readonly string[]): Promise<void> =>
    until(`${what} ${expected.join()}`, async () => {
      const endpoints = (await slicesOf(cluster)).flatMap((slice) => slice.endpoints ?? []);
      const hints = endpoints.map(({ zone = '-', hints: { forZones, forNodes } = {} }) =>
        [zone, forZones?.[0]?.name ?? '-', forNodes?.[0]?.name ?? '-'].join(' '),
      );
      return hints.toSorted().join() === expected.join();
    });
  const of = (line: string): readonly string[] => Array.from({ length: 4 }, () => line);
  await hintsAre('no hints', of('a - -'));
  const change = async (merge: object): Promise<void> =>
    void (await client.patch(Service, 'web', { merge }, where));
  await change({ spec: { trafficDistribution: 'PreferSameNode' } });
  await hintsAre('for the node', of('a a n0'));
  await change({ spec: { trafficDistribution: 'PreferClose' } });
  await hintsAre('for the zone', of('a a -'));
  const mode = 'service.kubernetes.io/topology-mode';
  await change({ metadata: { annotations: { [mode]: 'Auto' } } });
  await hintsAre('by CPUs', ['a a -', 'a a -', 'a b -', 'a b -']);
  await addNode(cluster, 'n2', 'c');
  await hintsAre(
    'nearby again, as five of three zones are too many for one',
    [...of('a a -'), 'c c -'].map((line) => line.replace(/ .*/, ' - -')),
  );
  await change({ metadata: { annotations: { [mode]: null } } });
  await hintsAre('for the zone', [...of('a a -'), 'c c -']);
  const { clock } = cluster.server;
  await clock.advance(2_000);
  const texts = await eventTexts(cluster);
  assert.deepEqual(texts.toSorted(), [
    'TopologyAwareHintsDisabled: Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (5 endpoints, 3 zones), addressType: IPv4',
    'TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4',
  ]);
  assert.deepEqual(cluster.warnings, []);
});

test('mirrored slices leave out what is no address and what is too much, and say so', async () => {
  await using cluster = await startShop();
  const { client, until } = cluster;
  const addresses = Array.from({ length: 1_002 }, (_, at) => ({
    ip: `10.1.${at >> 8}.${at & 255}`,
  }));
  await client.create(Service, {
    metadata: { name: 'far', namespace },
    spec: { ports: [{ port: 80 }] },
  });
  await client.create(Endpoints, {
    metadata: { name: 'far', namespace },
    subsets: [{ addresses, ports: [{ port: 80 }] }],
  });
  await until('a mirror', async () => (await slicesOf(cluster))[0]?.endpoints?.length === 1_000);
  await until('an event', async () => (await eventTexts(cluster)).length > 0);
  assert.deepEqual(await eventTexts(cluster), [
    'TooManyAddressesToMirror: A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped',
  ]);
  const merge = { spec: { selector: { app: 'web' } } };
  await client.patch(Service, 'far', { merge }, where);
  await until('only the slice of the pods', async () => {
    const [slice, ...others] = await slicesOf(cluster);
    return others.length === 0 && (slice?.endpoints ?? []).length === 0;
  });
});
