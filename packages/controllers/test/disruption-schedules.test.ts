import assert from 'node:assert/strict';
import { evictPod, isTooManyRequests } from '@fairway/client';
import { Pod } from '@fairway/kinds/core/v1';
import { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import { isPodActive, isPodReady } from '@fairway/kind-rules/pods';
import { setPhase, endPods } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

const minAvailable = 3;
const podsMax = 8;

testSchedules({
  name: 'disruption budgets',
  controllers: ['disruption-controller'],
  prepare: async (world) => {
    const selector = { matchLabels: { app: 'web' } };
    const metadata = { name: 'web', namespace: world.namespace };
    await world.client.create(PodDisruptionBudget, { metadata, spec: { minAvailable, selector } });
    for (let at = 0; at < podsMax / 2; at++) await addPod(world);
  },
  acts: [evict, evict, evict, addPod, addPod, runPods, endPods, remakeBudget],
  check: async () => {},
  settled: isCounted,
});

async function addPod(world: World): Promise<void> {
  if ((await world.pods()).length >= podsMax) return;
  const metadata = { generateName: 'web-', namespace: world.namespace, labels: { app: 'web' } };
  const spec = { nodeName: 'n1', containers: [{ name: 'main', image: 'web:1' }] };
  await world.client.create(Pod, { metadata, spec });
}

async function runPods(world: World): Promise<void> {
  for (const pod of await world.pods()) {
    if (pod.status?.phase === 'Pending') await setPhase(world, pod, 'Running');
  }
}

/** Its count starts anew: until then it must let nothing go. */
async function remakeBudget({ client, namespace }: World): Promise<void> {
  const { spec } = await client.get(PodDisruptionBudget, 'web', { namespace });
  await client.delete(PodDisruptionBudget, 'web', { namespace });
  await client.create(PodDisruptionBudget, {
    metadata: { name: 'web', namespace },
    ...(spec === undefined ? {} : { spec }),
  });
}

/** Several at once. Of those that were ready, so many must be left as the budget says. */
async function evict(world: World): Promise<void> {
  const { client, namespace } = world;
  const ready = (await world.pods()).filter((pod) => isPodActive(pod) && isPodReady(pod));
  const outcomes = await Promise.all(
    ready.map(async ({ metadata }) => {
      try {
        await evictPod(client, metadata?.name ?? '', { namespace });
        return 1;
      } catch (error) {
        if (!isTooManyRequests(error)) throw error;
        return 0;
      }
    }),
  );
  const goneCount = outcomes.reduce<number>((sum, each) => sum + each, 0);
  const leftCount = ready.length - goneCount;
  const leastCount = Math.min(ready.length, minAvailable);
  assert.ok(leftCount >= leastCount, `${leftCount} of ${ready.length} ready pods are left`);
}

async function isCounted(world: World): Promise<void> {
  await runPods(world);
  await endPods(world);
  const { client, namespace } = world;
  const { status, metadata } = await client.get(PodDisruptionBudget, 'web', { namespace });
  const count = (await world.pods()).filter((pod) => isPodActive(pod) && isPodReady(pod)).length;
  assert.equal(status?.observedGeneration, metadata?.generation);
  assert.equal(status?.currentHealthy, count);
  assert.equal(status?.disruptionsAllowed, Math.max(0, count - minAvailable));
  assert.equal(status?.disruptedPods, undefined);
}
