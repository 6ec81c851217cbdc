import assert from 'node:assert/strict';
import { DaemonSet, type DaemonSetUpdateStrategy } from '@fairway/kinds/apps/v1';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { isPodActive, isPodOver, isPodReady } from '@fairway/kind-rules/pods';
import { isControlledBy } from '@fairway/reconcile';
import { deleteAsUser, ifThere, moveAllPods, movePod } from './moved-pods.ts';
import { type World, testSchedules } from './schedules.ts';

const labels = { app: 'agent' };
const nodeCount = 4;

testSchedules({
  name: 'daemon sets',
  controllers: ['daemonset-controller', 'garbage-collector-controller'],
  prepare: async (world) => {
    for (let at = 0; at < nodeCount; at++) await addNode(world);
    await create(world);
  },
  acts: [
    movePod,
    movePod,
    moveAllPods,
    bindPods,
    bindPods,
    bindPods,
    deleteAsUser,
    changeImage,
    changeImage,
    changeStrategy,
    relabelNode,
    taintNode,
    addNode,
    deleteNode,
    makePodByHand,
    deleteSet,
    create,
  ],
  check: async (world) => {
    const set = await find(world);
    if (set !== undefined) await isWithinBounds(world, set);
  },
  settled: async (world) => {
    await bindPods(world);
    await moveAllPods(world);
    await isAsWanted(world);
  },
});

async function find({ client, namespace }: World): Promise<DaemonSet | undefined> {
  return client.find(DaemonSet, 'agent', { namespace });
}

async function create(world: World): Promise<void> {
  const { client, namespace } = world;
  if ((await find(world)) !== undefined) return;
  const template = {
    metadata: { labels },
    spec: {
      // Each world has nodes of its own.
      nodeSelector: { world: namespace },
      containers: [{ name: 'main', image: 'agent:1' }],
    },
  };
  const spec = { selector: { matchLabels: labels }, template, updateStrategy: strategyOf(world) };
  await client.create(DaemonSet, { metadata: { name: 'agent', namespace }, spec });
}

/** What a world is like for its whole life. */
function natureOf({ seed }: World): { readonly isSurging: boolean; readonly amount: number } {
  return { isSurging: seed % 2 === 1, amount: 1 + (seed % 3) };
}

function strategyOf(world: World): DaemonSetUpdateStrategy {
  const { isSurging, amount } = natureOf(world);
  const rollingUpdate = isSurging
    ? { maxUnavailable: 0, maxSurge: amount }
    : { maxUnavailable: amount, maxSurge: 0 };
  return world.below(4) === 0 ? { type: 'OnDelete' } : { type: 'RollingUpdate', rollingUpdate };
}

async function change({ client, namespace }: World, merge: object): Promise<void> {
  await ifThere(client.patch(DaemonSet, 'agent', { merge: { spec: merge } }, { namespace }));
}

async function changeImage(world: World): Promise<void> {
  const containers = [{ name: 'main', image: `agent:${1 + world.below(4)}` }];
  await change(world, { template: { spec: { containers } } });
}

async function changeStrategy(world: World): Promise<void> {
  const strategy = strategyOf(world);
  await change(world, { updateStrategy: { rollingUpdate: null, ...strategy } });
}

async function deleteSet({ client, namespace }: World): Promise<void> {
  await ifThere(client.delete(DaemonSet, 'agent', { namespace, propagationPolicy: 'Orphan' }));
}

async function nodesOf({ client, namespace }: World): Promise<readonly Node[]> {
  return (await client.list(Node, { labelSelector: `of=${namespace}` }).all()).items;
}

async function addNode(world: World): Promise<void> {
  const { client, namespace, memory } = world;
  const count = (memory.get('nodes') ?? 0) + 1;
  memory.set('nodes', count);
  const name = `${namespace}-${count}`;
  await client.create(Node, { metadata: { name, labels: { of: namespace, world: namespace } } });
  // It is ready: the taint of a new node goes.
  await client.patch(Node, name, { merge: { spec: { taints: null } } });
}

async function changeNode(world: World, merge: object): Promise<void> {
  const nodes = await nodesOf(world);
  if (nodes.length === 0) return;
  const name = world.of(nodes).metadata?.name ?? '';
  await ifThere(world.client.patch(Node, name, { merge }));
  await noteDisturbance(world, name);
}

async function relabelNode(world: World): Promise<void> {
  const label = world.of([world.namespace, world.namespace, 'none']);
  await changeNode(world, { metadata: { labels: { world: label } } });
}

async function taintNode(world: World): Promise<void> {
  const effect = world.of(['NoSchedule', 'NoExecute', 'none']);
  const taints = effect === 'none' ? null : [{ key: 'x', effect }];
  await changeNode(world, { spec: { taints } });
}

/** Its pods are garbage that another controller collects. */
async function deleteNode(world: World): Promise<void> {
  const { client, namespace } = world;
  const nodes = await nodesOf(world);
  if (nodes.length <= 2) return;
  const name = world.of(nodes).metadata?.name ?? '';
  await ifThere(client.delete(Node, name));
  for (const pod of await world.pods()) {
    if (pod.spec?.nodeName !== name) continue;
    const options = { namespace, gracePeriodSeconds: 0 };
    await ifThere(client.delete(Pod, pod.metadata?.name ?? '', options));
  }
}

/** What a scheduler does with pods of daemon sets. */
async function bindPods(world: World): Promise<void> {
  const names = new Set((await nodesOf(world)).map(({ metadata }) => metadata?.name));
  for (const pod of await world.pods()) {
    const target = targetOf(pod);
    const isWaiting = (pod.spec?.nodeName ?? '') === '' && isPodActive(pod);
    if (!isWaiting || target === undefined || !names.has(target)) continue;
    await bind(world, pod.metadata?.name ?? '', target);
  }
}

async function bind({ client, namespace }: World, pod: string, node: string): Promise<void> {
  const body = { metadata: { name: pod }, target: { apiVersion: 'v1', kind: 'Node', name: node } };
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/binding`;
  await ifThere(client.request({ method: 'POST', path, body }));
}

/** From now on, pods of a node may be deleted for another reason than an update. */
async function noteDisturbance(world: World, node: string): Promise<void> {
  for (const pod of await world.pods()) {
    if (targetOf(pod) === node) world.memory.set(pod.metadata?.uid ?? '', 1);
  }
}

/** A pod that the set will take: it is on a node of the world, where there may be one already. */
async function makePodByHand(world: World): Promise<void> {
  const nodes = await nodesOf(world);
  if (nodes.length === 0) return;
  const nodeName = world.of(nodes).metadata?.name ?? '';
  const metadata = { generateName: 'hand-', namespace: world.namespace, labels };
  const spec = { nodeName, containers: [{ name: 'main', image: 'agent:1' }] };
  await world.client.create(Pod, { metadata, spec });
  await noteDisturbance(world, nodeName);
}

/**
 * Of pods that the set made and nobody has deleted there is one a node, or two in an update with surge. An
 * update in place takes no more pods that serve from their nodes than may be missing.
 */
async function isWithinBounds(world: World, set: DaemonSet): Promise<void> {
  const own = (await world.pods()).filter((pod) => isControlledBy(pod, set));
  const made = own.filter((pod) => isPodActive(pod) && pod.metadata?.generateName === 'agent-');
  const byNode = Map.groupBy(made, (pod) => targetOf(pod) ?? '');
  for (const [node, pods] of byNode) {
    assert.ok(pods.length <= 2, `${pods.length} pods on ${node}`);
    const hashes = new Set(
      pods.map(({ metadata }) => metadata?.labels?.['controller-revision-hash']),
    );
    assert.equal(hashes.size, pods.length, `pods of one template on ${node}`);
  }
  const { isSurging, amount } = natureOf(world);
  if (isSurging) return;
  const there = own.filter((pod) => !isPodOver(pod) && pod.metadata?.generateName === 'agent-');
  for (const [node, pods] of Map.groupBy(there, (pod) => targetOf(pod) ?? '')) {
    assert.equal(pods.length, 1, `a pod on ${node} beside one that is ending`);
  }
  const taken = own.filter(
    (pod) =>
      pod.metadata?.deletionTimestamp !== undefined &&
      isPodReady(pod) &&
      !world.memory.has(pod.metadata.uid ?? ''),
  );
  const what = `${taken.length} pods are taken from their nodes at once, ${amount} may be missing`;
  assert.ok(taken.length <= amount, what);
}

async function isAsWanted(world: World): Promise<void> {
  const set = await find(world);
  if (set === undefined) return;
  const nodes = await nodesOf(world);
  const wanted = nodes
    .filter(({ metadata, spec }) => {
      const isSelected = metadata?.labels?.['world'] === world.namespace;
      return isSelected && (spec?.taints ?? []).length === 0;
    })
    .map(({ metadata }) => metadata?.name ?? '');
  const tolerable = nodes
    .filter(({ metadata, spec }) => {
      const isSelected = metadata?.labels?.['world'] === world.namespace;
      return isSelected && (spec?.taints ?? []).some(({ effect }) => effect === 'NoSchedule');
    })
    .map(({ metadata }) => metadata?.name ?? '');
  const own = (await world.pods()).filter((pod) => isControlledBy(pod, set));
  const placed = own.map((pod) => pod.spec?.nodeName ?? '');
  const there = placed.filter((name) => !tolerable.includes(name)).toSorted();
  assert.deepEqual(there, wanted.toSorted());
  for (const pod of own) assert.ok(isPodReady(pod), `${pod.metadata?.name} is not ready`);
  const { status } = set;
  const count = wanted.length;
  assert.equal(status?.observedGeneration, set.metadata?.generation);
  assert.equal(status?.desiredNumberScheduled, count);
  assert.equal(status?.currentNumberScheduled, count);
  assert.equal(status?.numberReady, count);
  assert.equal(status?.numberAvailable ?? 0, count);
  assert.equal(
    status?.numberMisscheduled,
    new Set(placed.filter((name) => tolerable.includes(name))).size,
  );
  if (set.spec?.updateStrategy?.type === 'OnDelete') return;
  assert.equal(status?.updatedNumberScheduled ?? 0, count);
}

/** The node that a pod is on or meant for. */
function targetOf({ spec }: Pod): string | undefined {
  if ((spec?.nodeName ?? '') !== '') return spec?.nodeName;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0];
}
