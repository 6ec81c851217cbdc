import assert from 'node:assert/strict';
import { ConfigMap, Pod, ResourceQuota } from '@fairway/kinds/core/v1';
import { isPodOver } from '@fairway/kind-rules/pods';
import { deletePod, ifThere, movePod } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

const hards = [
  { pods: '9' },
  { pods: '9', 'count/pods': '9', configmaps: '9' },
  { 'requests.cpu': '9', 'count/configmaps': '9' },
] as const;

testSchedules({
  name: 'resource quotas',
  controllers: ['resourcequota-controller'],
  prepare: create,
  acts: [addPod, addPod, movePod, deletePod, addMap, deleteMap, change, remake],
  check: async ({ client, namespace }) => {
    const { status } = await client.get(ResourceQuota, 'q', { namespace });
    const unknown = Object.keys(status?.used ?? {}).filter((name) => !status?.hard?.[name]);
    assert.deepEqual(unknown, [], 'used without a bound');
  },
  settled: isCounted,
});

async function create(world: World): Promise<void> {
  const metadata = { name: 'q', namespace: world.namespace };
  await world.client.create(ResourceQuota, { metadata, spec: { hard: world.of(hards) } });
}

async function remake(world: World): Promise<void> {
  await world.client.delete(ResourceQuota, 'q', { namespace: world.namespace });
  await create(world);
}

async function change(world: World): Promise<void> {
  const { client, namespace } = world;
  const found = await client.get(ResourceQuota, 'q', { namespace });
  await ifThere(client.replace(ResourceQuota, { ...found, spec: { hard: world.of(hards) } }));
}

async function addPod({ client, namespace }: World): Promise<void> {
  const resources = { requests: { cpu: '250m' } };
  const spec = { nodeName: 'n1', containers: [{ name: 'main', image: 'web:1', resources }] };
  await client.create(Pod, { metadata: { generateName: 'web-', namespace }, spec });
}

async function addMap({ client, namespace }: World): Promise<void> {
  await client.create(ConfigMap, { metadata: { generateName: 'map-', namespace } });
}

async function deleteMap(world: World): Promise<void> {
  const { client, namespace } = world;
  const { items } = await client.list(ConfigMap, { namespace }).all();
  if (items.length === 0) return;
  await ifThere(client.delete(ConfigMap, world.of(items).metadata?.name ?? '', { namespace }));
}

async function isCounted(world: World): Promise<void> {
  const { client, namespace } = world;
  const { spec, status } = await client.get(ResourceQuota, 'q', { namespace });
  assert.deepEqual(status?.hard, spec?.hard);
  const pods = await world.pods();
  // The time of one that was deleted may be over by now.
  const lasting = pods.filter((pod) => !isPodOver(pod) && !pod.metadata?.deletionTimestamp);
  const ending = pods.filter((pod) => !isPodOver(pod)).length - lasting.length;
  const maps = (await client.list(ConfigMap, { namespace }).all()).items.length;
  const { used = {} } = status ?? {};
  const { pods: podCount, 'requests.cpu': cpu, ...objects } = used;
  const expected = { 'count/pods': pods.length, configmaps: maps, 'count/configmaps': maps };
  for (const [name, count] of Object.entries(objects)) {
    assert.equal(count, String(expected[name as keyof typeof expected]), name);
  }
  const between = (count: number): boolean =>
    count >= lasting.length && count <= lasting.length + ending;
  if (podCount !== undefined) assert.ok(between(Number(podCount)), `${podCount} pods`);
  if (cpu !== undefined) assert.ok(between(cpuOf(cpu) * 4), `${cpu} of ${lasting.length} pods`);
}

function cpuOf(amount: string): number {
  return amount.endsWith('m') ? Number(amount.slice(0, -1)) / 1_000 : Number(amount);
}
