import assert from 'node:assert/strict';
import { isNotFound } from '@fairway/client';
import { Service } from '@fairway/kinds/core/v1';
import { type World, testSchedules } from './schedules.ts';

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';
const names = ['web', 'api', 'db'];
/** What several services ask for. */
const asked = ['192.0.2.7', '192.0.2.8', '198.51.100.1', null];

testSchedules({
  name: 'load balancers',
  controllers: ['service-lb-controller'],
  loadBalancerAddresses: { kind: 'network', cidr: '192.0.2.0/26' },
  prepare: async (world) => {
    for (const name of names) await makeService(world, name);
  },
  acts: [
    (world) => makeService(world, world.of(names)),
    changeType,
    changeType,
    askForAddress,
    removeService,
  ],
  check: noAddressTwice,
  settled: isGivenOrTold,
});

async function makeService({ client, namespace }: World, name: string): Promise<void> {
  if ((await client.find(Service, name, { namespace })) !== undefined) return;
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] } as const;
  await client.create(Service, { metadata: { name, namespace }, spec });
}

async function changeType(world: World): Promise<void> {
  await patch(world, { spec: { type: world.of(['LoadBalancer', 'NodePort', 'ClusterIP']) } });
}

async function askForAddress(world: World): Promise<void> {
  await patch(world, { spec: { loadBalancerIP: world.of(asked) } });
}

async function patch(world: World, merge: object): Promise<void> {
  const { client, namespace } = world;
  await ifThere(client.patch(Service, world.of(names), { merge }, { namespace }));
}

async function removeService(world: World): Promise<void> {
  const { client, namespace } = world;
  await ifThere(client.delete(Service, world.of(names), { namespace }));
}

async function ifThere(writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Of all services of the cluster, those of other schedules too. */
async function noAddressTwice({ client }: World): Promise<void> {
  const { items } = await client.list(Service, { allNamespaces: true }).all();
  const addresses = items.flatMap(addressesOf);
  assert.equal(new Set(addresses).size, addresses.length, addresses.join(' '));
}

/** A load balancer has an address, or says why not; nothing else has either. */
async function isGivenOrTold({ client, namespace }: World): Promise<void> {
  for (const service of (await client.list(Service, { namespace }).all()).items) {
    const { metadata, spec, status } = service;
    const addresses = addressesOf(service);
    const why = (status?.conditions ?? []).map(({ reason }) => reason);
    const text = JSON.stringify({ metadata, spec, status });
    assert.equal(metadata?.deletionTimestamp, undefined, text);
    const isBalanced = spec?.type === 'LoadBalancer';
    assert.equal(metadata?.finalizers?.includes(finalizer) ?? false, isBalanced, text);
    assert.equal(addresses.length + why.length, isBalanced ? 1 : 0, text);
    const wish = spec?.loadBalancerIP;
    if (isBalanced && wish !== undefined) assert.deepEqual(addresses, why.length > 0 ? [] : [wish]);
    if (wish === '198.51.100.1' && isBalanced) assert.deepEqual(why, ['AddressOutsideNetwork']);
  }
}

function addressesOf({ status }: Service): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}
