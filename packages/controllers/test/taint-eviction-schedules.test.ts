import assert from 'node:assert/strict';
import { Node, Pod, type Toleration } from '@fairway/kinds/core/v1';
import { deletePod, endPods } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

const key = 'example.com/away';
const staySeconds = 5;
const tolerations: Readonly<Record<string, readonly Toleration[]>> = {
  never: [],
  'a-while': [{ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: staySeconds }],
  always: [{ key, operator: 'Exists' }],
};

testSchedules({
  name: 'taint eviction',
  controllers: ['taint-eviction-controller'],
  prepare: async (world) => {
    await world.client.create(Node, { metadata: { name: world.namespace } });
  },
  acts: [addPod, addPod, taint, untaint, endPods, deletePod],
  check: neverTooEarly,
  settled: async (world) => {
    await endPods(world);
    await taint(world);
    const left = await world.pods();
    const names = left.map(({ metadata }) => metadata?.labels?.['stays']);
    assert.deepEqual(
      names.filter((each) => each !== 'always'),
      [],
    );
  },
});

async function addPod(world: World): Promise<void> {
  const { client, namespace } = world;
  const stays = world.of(Object.keys(tolerations));
  const spec = {
    nodeName: namespace,
    containers: [{ name: 'main', image: 'web:1' }],
    tolerations: tolerations[stays] ?? [],
  };
  const metadata = { generateName: 'web-', namespace, labels: { stays } };
  const { metadata: made } = await client.create(Pod, { metadata, spec });
  world.memory.set(`born ${made?.name}`, world.clock.elapsed());
}

async function taint({ client, namespace }: World): Promise<void> {
  const taints = [{ key, effect: 'NoExecute' }];
  await client.patch(Node, namespace, { merge: { spec: { taints } } });
}

async function untaint({ client, namespace }: World): Promise<void> {
  await client.patch(Node, namespace, { merge: { spec: { taints: null } } });
}

/** A pod that is evicted says so: never one that tolerates the taint for ever, and others not before their time. */
async function neverTooEarly(world: World): Promise<void> {
  for (const { metadata, status } of await world.pods()) {
    const isEvicted = status?.conditions?.some(({ reason }) => reason === 'DeletionByTaintManager');
    const stays = metadata?.labels?.['stays'];
    if (isEvicted !== true || stays === 'never') continue;
    assert.equal(stays, 'a-while', `${metadata?.name} tolerates the taint for ever`);
    const ageMs = world.clock.elapsed() - (world.memory.get(`born ${metadata?.name}`) ?? 0);
    assert.ok(ageMs >= staySeconds * 1_000, `${metadata?.name} had only ${ageMs} ms`);
  }
}
