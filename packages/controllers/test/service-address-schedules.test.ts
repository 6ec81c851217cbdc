import assert from 'node:assert/strict';
import { isAlreadyExists } from '@fairway/client';
import { Endpoints, Node, Pod, Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { deletePod, ifThere, moveAllPods, setPhase } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

const serviceNames = ['web', 'api'];
const nodeNames = ['n0', 'n1', 'n2'];

testSchedules({
  name: 'addresses of services',
  controllers: [
    'endpoints-controller',
    'endpointslice-controller',
    'endpointslice-mirroring-controller',
    'garbage-collector-controller',
  ],
  prepare: async (world) => {
    for (const name of nodeNames) await addNode(world, name);
    for (const name of serviceNames) await createService(world, name);
    for (let at = 0; at < 3; at++) await createPod(world);
    await createHandMade(world);
  },
  acts: [
    createPod,
    createPod,
    movePodWithAddress,
    movePodWithAddress,
    movePodWithAddress,
    deletePod,
    relabelPod,
    changeService,
    replaceService,
    changeHandMade,
    spoilSlice,
  ],
  check: neverTwice,
  settled: async (world) => {
    await moveAllPods(world);
    await isAsThePodsAre(world);
  },
});

async function addNode({ client }: World, name: string): Promise<void> {
  const labels = { 'topology.kubernetes.io/zone': `zone-${name}` };
  try {
    await client.create(Node, { metadata: { name, labels } });
  } catch (error) {
    // Schedules that run together share their nodes.
    if (!isAlreadyExists(error)) throw error;
  }
}

async function createService(world: World, name: string): Promise<void> {
  const { client, namespace } = world;
  if ((await client.find(Service, name, { namespace })) !== undefined) return;
  const ports = [
    { name: 'http', port: 80, targetPort: 'http' },
    { name: 'raw', port: 81, targetPort: 9_000 + world.below(2) },
  ];
  const isHeadless = world.below(2) === 0;
  await client.create(Service, {
    metadata: { name, namespace, labels: { from: String(world.below(3)) } },
    spec: { selector: { app: name }, ports, ...(isHeadless ? { clusterIP: 'None' } : {}) },
  });
}

async function createPod(world: World): Promise<void> {
  const { client, namespace } = world;
  const hasHttp = world.below(3) > 0;
  const ports = hasHttp ? [{ name: 'http', containerPort: 8_080 + world.below(2) }] : [];
  await client.create(Pod, {
    metadata: { generateName: 'p-', namespace, labels: { app: world.of(serviceNames) } },
    spec: {
      nodeName: world.of(nodeNames),
      hostname: 'h',
      subdomain: world.of(serviceNames),
      containers: [{ name: 'main', image: 'app:1', ports }],
    },
  });
}

async function movePodWithAddress(world: World): Promise<void> {
  const pods = await world.pods();
  if (pods.length === 0) return;
  const pod = world.of(pods);
  if (pod.metadata?.deletionTimestamp !== undefined || pod.status?.phase === 'Failed') return;
  const ip = pod.status?.podIP ?? `10.1.${world.below(256)}.${world.below(256)}`;
  const withAddress = { ...pod, status: { ...pod.status, podIP: ip, podIPs: [{ ip }] } };
  await setPhase(world, withAddress, world.of(['Running', 'Running', 'Pending', 'Failed']));
}

async function relabelPod(world: World): Promise<void> {
  const { client, namespace } = world;
  const pods = await world.pods();
  if (pods.length === 0) return;
  const merge = { metadata: { labels: { app: world.of([...serviceNames, 'other']) } } };
  await ifThere(client.patch(Pod, world.of(pods).metadata?.name ?? '', { merge }, { namespace }));
}

async function changeService(world: World): Promise<void> {
  const { client, namespace } = world;
  const merge = world.of([
    { spec: { publishNotReadyAddresses: world.below(2) === 0 } },
    { metadata: { labels: { from: String(world.below(3)) } } },
    { spec: { trafficDistribution: world.of(['PreferSameZone', 'PreferSameNode', null]) } },
    { spec: { ports: [{ name: 'only', port: 80, targetPort: 9_000 }] } },
  ]);
  await ifThere(client.patch(Service, world.of(serviceNames), { merge }, { namespace }));
}

async function replaceService(world: World): Promise<void> {
  const { client, namespace } = world;
  const name = world.of(serviceNames);
  await ifThere(client.delete(Service, name, { namespace }));
  if (world.below(2) === 0) await createService(world, name);
}

const handMade = 'elsewhere';

async function createHandMade({ client, namespace }: World): Promise<void> {
  const spec = { ports: [{ port: 80 }] };
  await client.create(Service, { metadata: { name: handMade, namespace }, spec });
  await client.create(Endpoints, { metadata: { name: handMade, namespace }, subsets: [] });
}

async function changeHandMade(world: World): Promise<void> {
  const { client, namespace } = world;
  const subsets = Array.from({ length: world.below(3) }, (_, at) => ({
    addresses: [{ ip: `192.0.2.${world.below(4)}` }, { ip: '2001:db8::1' }],
    ports: [{ port: 8_000 + at }],
  }));
  await ifThere(client.patch(Endpoints, handMade, { merge: { subsets } }, { namespace }));
}

/** Somebody else deletes or empties what the controllers keep. */
async function spoilSlice(world: World): Promise<void> {
  const { client, namespace } = world;
  const { items } = await client.list(EndpointSlice, { namespace }).all();
  if (items.length === 0) return;
  const { name = '' } = world.of(items).metadata ?? {};
  if (world.below(2) === 0) await ifThere(client.delete(EndpointSlice, name, { namespace }));
  else {
    const merge = { endpoints: [] };
    await ifThere(client.patch(EndpointSlice, name, { merge }, { namespace }));
  }
}

/** A client that follows all slices of a service never finds an endpoint in two of them. */
async function neverTwice({ client, namespace }: World): Promise<void> {
  const services = new Map(
    (await client.list(Service, { namespace }).all()).items.map((service) => [
      service.metadata?.name,
      service.metadata?.uid,
    ]),
  );
  const seen = new Set<string>();
  for (const { metadata, endpoints, ports } of (
    await client.list(EndpointSlice, { namespace }).all()
  ).items) {
    const service = metadata?.labels?.['kubernetes.io/service-name'];
    const [owner] = metadata?.ownerReferences ?? [];
    // What a service has left that is gone is about to be collected.
    if (owner?.kind !== 'Service' || owner.uid !== services.get(service)) continue;
    for (const { targetRef } of endpoints ?? []) {
      const place = `${service} ${targetRef?.uid} ${JSON.stringify(ports)}`;
      assert.ok(!seen.has(place), `an endpoint stands in two slices: ${place}`);
      seen.add(place);
    }
  }
}

async function isAsThePodsAre(world: World): Promise<void> {
  const { client, namespace } = world;
  const pods = await world.pods();
  const services = (await client.list(Service, { namespace }).all()).items;
  const slices = (await client.list(EndpointSlice, { namespace }).all()).items;
  const listed = (await client.list(Endpoints, { namespace }).all()).items;
  const ofService = (name: string): readonly EndpointSlice[] =>
    slices.filter(({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === name);
  for (const service of services) {
    const name = service.metadata?.name ?? '';
    const endpoints = listed.find(({ metadata }) => metadata?.name === name);
    if (name === handMade) {
      assert.deepEqual(toldBySlices(ofService(name)), toldByEndpoints(endpoints), 'mirrored');
      continue;
    }
    assert.deepEqual(inSlices(ofService(name)), wantedInSlices(service, pods), `slices of ${name}`);
    assert.ok(ofService(name).length > 0, `${name} has a slice, if an empty one`);
    assert.deepEqual(toldByEndpoints(endpoints), wantedInEndpoints(service, pods), name);
    for (const { metadata } of [
      ...ofService(name),
      ...(endpoints === undefined ? [] : [endpoints]),
    ]) {
      assert.equal(metadata?.labels?.['from'], service.metadata?.labels?.['from'], 'labels');
    }
  }
  const gone = serviceNames.filter(
    (name) => !services.some(({ metadata }) => metadata?.name === name),
  );
  for (const name of gone) {
    assert.equal(ofService(name).length, 0, `slices of ${name}, which is gone`);
    assert.ok(!listed.some(({ metadata }) => metadata?.name === name), `Endpoints of ${name}`);
  }
}

/** The plain model: what a reader of the documentation works out by hand, a line for each port. */
function wantedInSlices(service: Service, pods: readonly Pod[]): readonly string[] {
  return linesOf(service, pods, (pod, port) => {
    const isReady = pod.status?.conditions?.some(
      ({ type, status }) => type === 'Ready' && status === 'True',
    );
    const isGoing = pod.metadata?.deletionTimestamp !== undefined;
    const serving = isReady === true;
    const ready = service.spec?.publishNotReadyAddresses === true || (serving && !isGoing);
    const node = pod.spec?.nodeName ?? '';
    const distribution = service.spec?.trafficDistribution;
    const hasHints = distribution !== undefined && ready;
    return line([
      pod.status?.podIP,
      port,
      { ready, serving, terminating: isGoing },
      node,
      `zone-${node}`,
      hasHints ? `zone-${node}` : '',
      hasHints && distribution === 'PreferSameNode' ? node : '',
      pod.spec?.subdomain === service.metadata?.name ? 'h' : '',
      pod.metadata?.uid,
    ]);
  });
}

function inSlices(slices: readonly EndpointSlice[]): readonly string[] {
  return slices
    .flatMap(({ endpoints, ports }) =>
      (endpoints ?? []).flatMap((endpoint) =>
        (ports ?? []).map(({ name, port }) =>
          line([
            endpoint.addresses[0],
            `${name}:${port}`,
            endpoint.conditions,
            endpoint.nodeName,
            endpoint.zone,
            endpoint.hints?.forZones?.[0]?.name ?? '',
            endpoint.hints?.forNodes?.[0]?.name ?? '',
            endpoint.hostname ?? '',
            endpoint.targetRef?.uid,
          ]),
        ),
      ),
    )
    .toSorted();
}

function wantedInEndpoints(service: Service, pods: readonly Pod[]): readonly string[] {
  const publishesAll = service.spec?.publishNotReadyAddresses === true;
  const staying = pods.filter(
    (pod) => publishesAll || pod.metadata?.deletionTimestamp === undefined,
  );
  return linesOf(service, staying, (pod, port) => {
    const isReady = pod.status?.conditions?.some(
      ({ type, status }) => type === 'Ready' && status === 'True',
    );
    return line([pod.status?.podIP, port, publishesAll || isReady === true]);
  });
}

function toldByEndpoints(endpoints: Endpoints | undefined): readonly string[] {
  return (endpoints?.subsets ?? [])
    .flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) =>
      ports.flatMap(({ name, port }) => [
        ...addresses.map(({ ip }) => line([ip, `${name ?? ''}:${port}`, true])),
        ...notReadyAddresses.map(({ ip }) => line([ip, `${name ?? ''}:${port}`, false])),
      ]),
    )
    .toSorted();
}

function toldBySlices(slices: readonly EndpointSlice[]): readonly string[] {
  return slices
    .flatMap(({ endpoints, ports }) =>
      (endpoints ?? []).flatMap(({ addresses, conditions }) =>
        (ports ?? []).map(({ name, port }) =>
          line([addresses[0], `${name ?? ''}:${port}`, conditions?.ready]),
        ),
      ),
    )
    .toSorted();
}

function linesOf(
  service: Service,
  pods: readonly Pod[],
  lineOf: (pod: Pod, port: string) => string,
): readonly string[] {
  const selected = pods.filter(
    ({ metadata, status }) =>
      metadata?.labels?.['app'] === service.spec?.selector?.['app'] &&
      status?.podIP !== undefined &&
      status.phase !== 'Failed',
  );
  return selected
    .flatMap((pod) =>
      (service.spec?.ports ?? []).flatMap(({ name, targetPort }) => {
        const named = pod.spec?.containers[0]?.ports?.find((port) => port.name === targetPort);
        const port = typeof targetPort === 'string' ? named?.containerPort : targetPort;
        return port === undefined ? [] : [lineOf(pod, `${name}:${port}`)];
      }),
    )
    .toSorted();
}

function line(parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}
