import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin } from '@fairway/apiserver/testing';
import { bindPod, createClient } from '@fairway/client';
import { seededRandom } from '@fairway/host/testing';
import { Event, Node, PersistentVolume, PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import { StorageClass } from '@fairway/kinds/storage/v1';
import type { HttpResponse } from '@fairway/protocol';
import { type Informer, createInformers, leanInformer, isBeingDeleted } from '@fairway/reconcile';
import { defaultProfile } from '../src/cycle/default-profile.ts';
import type { Profile } from '../src/cycle/profile.ts';
import { nodePorts } from '../src/plugins/node-ports.ts';
import { passing } from '../src/plugins/plugin.ts';
import { type RunningScheduler, assertWarnings, startScheduler } from './running-scheduler.ts';
import { node, pod, taint } from './situation.ts';

test('a pod gets a node, and an event that says so', async () => {
  await using cluster = await startScheduler();
  await cluster.create(node('n1'), pod('p'));
  assert.equal(await cluster.nodeOf('p'), 'n1');
  assert.deepEqual(await cluster.eventsOf('p'), [
    'Scheduled: Successfully assigned default/p to n1',
  ]);
  assertWarnings(cluster);
});

test('each of many pods that get their nodes at once has its event', async () => {
  await using cluster = await startScheduler();
  const { client } = cluster;
  await cluster.create(node('n1', { cpu: '64', memory: '64Gi', pods: '2000' }));
  const bound = Promise.withResolvers<void>();
  cluster.intercept(async (request, next) => {
    if (request.path.endsWith('/events')) await bound.promise;
    return next(request);
  });
  // More than a recorder keeps that nobody has told how many to expect.
  const names = Array.from({ length: 1_100 }, (_, at) => `p${at}`);
  for (const name of names) await client.create(Pod, pod(name));
  await cluster.settle();
  bound.resolve();
  await cluster.settle(1_000);
  const { items } = await client.list(Event).all();
  const told = new Set(items.map(({ involvedObject }) => involvedObject.name));
  assert.deepEqual(
    names.filter((name) => !told.has(name)),
    [],
  );
  assertWarnings(cluster);
});

test('a pod without a node is told why, and gets one as soon as there is one', async () => {
  await using cluster = await startScheduler();
  await cluster.create(node('n1', { cpu: '1' }), pod('p', { requests: { cpu: '2' } }));
  const message =
    '0/1 nodes are available: 1 Insufficient cpu. ' +
    'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  const { status } = await cluster.pod('p');
  assert.deepEqual(status?.conditions, [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastProbeTime: null,
      lastTransitionTime: '2026-01-01T00:00:00Z',
      observedGeneration: 1,
    },
  ]);
  assert.deepEqual(await cluster.eventsOf('p'), [`FailedScheduling: ${message}`]);
  await cluster.create(node('n2'));
  assert.equal(await cluster.nodeOf('p'), 'n2');
  const after = (await cluster.pod('p')).status?.conditions?.[0];
  assert.deepEqual([after?.status, after?.reason], ['True', undefined]);
  assertWarnings(cluster);
});

test('a pod that leaves makes room for another one', async () => {
  await using cluster = await startScheduler();
  const { client } = cluster;
  await cluster.create(
    node('n1'),
    pod('a', { requests: { cpu: '3' } }),
    pod('b', { requests: { cpu: '3' } }),
  );
  assert.equal(await cluster.nodeOf('b'), undefined);
  // One that is over takes nothing any more, either.
  await client.subresource(Pod, 'a', 'status').patch({ merge: { status: { phase: 'Succeeded' } } });
  await cluster.settle();
  assert.equal(await cluster.nodeOf('b'), 'n1');
  await cluster.create(pod('c', { requests: { cpu: '3' } }));
  assert.equal(await cluster.nodeOf('c'), undefined);
  await client.delete(Pod, 'b', { gracePeriodSeconds: 0 });
  await cluster.settle();
  assert.equal(await cluster.nodeOf('c'), 'n1');
});

test('a change of a node is what pods wait for that it concerns', async () => {
  await using cluster = await startScheduler();
  const { client } = cluster;
  await cluster.create(
    node('n1', { taints: [taint('gpu=yes:NoSchedule')] }),
    pod('p'),
    pod('q', { nodeSelector: { disk: 'ssd' }, tolerations: [{ operator: 'Exists' }] }),
  );
  assert.deepEqual([await cluster.nodeOf('p'), await cluster.nodeOf('q')], [undefined, undefined]);
  await client.patch(Node, 'n1', { merge: { metadata: { labels: { disk: 'ssd' } } } });
  await cluster.settle();
  assert.deepEqual([await cluster.nodeOf('p'), await cluster.nodeOf('q')], [undefined, 'n1']);
  await client.patch(Node, 'n1', { merge: { spec: { taints: null } } });
  await cluster.settle();
  assert.equal(await cluster.nodeOf('p'), 'n1');
});

test('a pod waits for its gates to open', async () => {
  await using cluster = await startScheduler();
  await cluster.create(node('n1'), pod('p', { schedulingGates: [{ name: 'a' }, { name: 'b' }] }));
  assert.equal(await cluster.nodeOf('p'), undefined);
  assert.equal((await cluster.pod('p')).status?.conditions?.[0]?.reason, 'SchedulingGated');
  assert.deepEqual(await cluster.eventsOf('p'), []);
  const gates = (...names: string[]): Promise<Pod> => {
    const schedulingGates = names.map((name) => ({ name }));
    return cluster.client.patch(Pod, 'p', { merge: { spec: { schedulingGates } } });
  };
  await gates('b');
  await cluster.settle();
  assert.equal(await cluster.nodeOf('p'), undefined);
  await gates();
  await cluster.settle();
  assert.equal(await cluster.nodeOf('p'), 'n1');
});

test('a less important pod leaves, is told why, and the important one comes when it is gone', async () => {
  await using cluster = await startScheduler();
  const { client } = cluster;
  await cluster.create(node('n1'), pod('weak', { requests: { cpu: '3' } }));
  await cluster.create(pod('strong', { requests: { cpu: '3' }, priority: 100 }));
  const weak = await client.waitFor(Pod, 'weak', (pod) => isBeingDeleted(pod ?? {}));
  await cluster.settle();
  const target = weak?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual(
    [target?.status, target?.reason, target?.message],
    [
      'True',
      'PreemptionByScheduler',
      'default-scheduler: preempting to accommodate a higher priority pod',
    ],
  );
  const strong = await cluster.pod('strong');
  assert.ok(
    (await cluster.eventsOf('weak')).includes(
      `Preempted: Preempted by pod ${strong.metadata?.uid} on node n1`,
    ),
  );
  assert.equal(strong.status?.nominatedNodeName, 'n1');
  assert.equal(strong.spec?.nodeName, undefined);
  assert.deepEqual(await cluster.eventsOf('strong'), [
    'FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.',
  ]);
  // The place is kept.
  await cluster.create(pod('other', { requests: { cpu: '1' } }));
  await client.delete(Pod, 'weak', { gracePeriodSeconds: 0 });
  await cluster.settle();
  assert.equal(await cluster.nodeOf('strong'), 'n1');
  assertWarnings(cluster);
});

test('a scheduler that starts again knows what is where', async () => {
  await using cluster = await startScheduler();
  await cluster.create(node('n1'), pod('a', { requests: { cpu: '3' } }));
  await cluster.restart();
  await cluster.create(pod('b', { requests: { cpu: '3' } }));
  assert.deepEqual([await cluster.nodeOf('a'), await cluster.nodeOf('b')], ['n1', undefined]);
  await cluster.restart();
  await cluster.create(node('n2'));
  assert.equal(await cluster.nodeOf('b'), 'n2');
});

test('a binding that is refused is tried again, and holds nothing meanwhile', async () => {
  await using cluster = await startScheduler();
  let refusals = 1;
  cluster.intercept((request, next) => {
    if (!isBinding(request.path) || refusals-- <= 0) return next(request);
    return Promise.resolve(refusal());
  });
  await cluster.create(node('n1'), pod('a', { requests: { cpu: '3' } }));
  assert.equal(await cluster.nodeOf('a'), undefined);
  const { reason, message } = (await cluster.pod('a')).status?.conditions?.[0] ?? {};
  assert.deepEqual(
    [reason, message],
    [
      'SchedulerError',
      'binding rejected: running Bind plugin "DefaultBinder": somebody does not want it',
    ],
  );
  await cluster.create(pod('b', { requests: { cpu: '1' } }));
  assert.equal(await cluster.nodeOf('b'), 'n1');
  await cluster.settle(1_000);
  assert.equal(await cluster.nodeOf('a'), 'n1');
  assertWarnings(cluster, 'a pod could not be put on its node');
});

test('a binding whose answer is lost is not taken for one that was refused', async () => {
  await using cluster = await startScheduler();
  let losses = 1;
  cluster.intercept(async (request, next) => {
    const answer = await next(request);
    if (isBinding(request.path) && losses-- > 0) throw new Error('the connection broke');
    return answer;
  });
  await cluster.create(
    node('n1'),
    pod('a', { requests: { cpu: '3' } }),
    pod('b', { requests: { cpu: '3' } }),
  );
  assert.deepEqual([await cluster.nodeOf('a'), await cluster.nodeOf('b')], ['n1', undefined]);
  assert.deepEqual(await cluster.eventsOf('a'), [
    'Scheduled: Successfully assigned default/a to n1',
  ]);
  assertWarnings(cluster);
});

test('where somebody else binds a pod first, it is there', async () => {
  await using cluster = await startScheduler();
  const { client } = cluster;
  cluster.intercept(async (request, next) => {
    if (isBinding(request.path)) {
      cluster.intercept(undefined);
      await bindPod(client, { pod: 'p', node: 'n2' });
    }
    return next(request);
  });
  await cluster.create(node('n1'));
  await client.create(Node, node('n2', { isUnschedulable: true }));
  await cluster.create(pod('p', { requests: { cpu: '3' } }));
  assert.equal(await cluster.nodeOf('p'), 'n2');
  await cluster.settle(60_000);
  // Nothing is held for it where it was meant to be.
  await cluster.create(pod('q', { requests: { cpu: '3' } }));
  assert.equal(await cluster.nodeOf('q'), 'n1');
});

test('a pod that is deleted and made again is another pod', async () => {
  await using cluster = await startScheduler();
  const { client } = cluster;
  cluster.intercept(async (request, next) => {
    if (isBinding(request.path)) {
      cluster.intercept(undefined);
      await client.delete(Pod, 'p', { gracePeriodSeconds: 0 });
      await client.create(Pod, pod('p', { nodeSelector: { disk: 'ssd' } }));
    }
    return next(request);
  });
  await cluster.create(node('n1'), pod('p'));
  await cluster.settle(20_000);
  assert.equal(await cluster.nodeOf('p'), undefined);
  await cluster.create(node('n2', { labels: { disk: 'ssd' } }));
  assert.equal(await cluster.nodeOf('p'), 'n2');
});

test('a node that goes takes nobody any more', async () => {
  await using cluster = await startScheduler();
  await cluster.create(node('n1'), node('n2'), pod('a', { nodeSelector: { at: 'n1' } }));
  await cluster.client.delete(Node, 'n1');
  await cluster.settle();
  await cluster.create(pod('p'));
  assert.equal(await cluster.nodeOf('p'), 'n2');
  await cluster.client.delete(Node, 'n2');
  await cluster.settle();
  await cluster.create(pod('q'));
  assert.equal(
    (await cluster.pod('q')).status?.conditions?.[0]?.message,
    'no nodes available to schedule pods',
  );
});

test('each profile schedules the pods that name it, and nobody those that name no profile', async () => {
  const packing = { ...defaultProfile, schedulerName: 'packing', weights: new Map() };
  await using cluster = await startScheduler({ profiles: [defaultProfile, packing] });
  await cluster.create(
    node('n1'),
    pod('a'),
    pod('b', { schedulerName: 'packing' }),
    pod('c', { schedulerName: 'mine' }),
  );
  assert.deepEqual(
    [await cluster.nodeOf('a'), await cluster.nodeOf('b'), await cluster.nodeOf('c')],
    ['n1', 'n1', undefined],
  );
  assert.equal((await cluster.pod('c')).status?.conditions, undefined);
  const components = await cluster.componentsOf('b');
  assert.deepEqual(components, ['packing']);
});

test('a claim that waits for its pod gets a volume where the pod goes', async () => {
  await using cluster = await startScheduler();
  const { client } = cluster;
  await createStorage(cluster, 'example.com/disk');
  await client.create(PersistentVolumeClaim, claim('data'));
  await cluster.create(node('n1'), podWith('data'));
  assert.equal(await cluster.nodeOf('with-data'), undefined);
  const asked = await client.get(PersistentVolumeClaim, 'data');
  assert.equal(asked.metadata?.annotations?.['volume.kubernetes.io/selected-node'], 'n1');
  await bindClaim(cluster, 'data', 'made');
  await cluster.settle();
  assert.equal(await cluster.nodeOf('with-data'), 'n1');
});

test('a volume that cannot be made for a node sends its pod elsewhere', async () => {
  await using cluster = await startScheduler();
  const { client } = cluster;
  await createStorage(cluster, 'example.com/disk');
  await client.create(PersistentVolumeClaim, claim('data'));
  await cluster.create(node('n1'), podWith('data'));
  await client.patch(Node, 'n1', { merge: { spec: { unschedulable: true } } });
  await cluster.create(node('n2'));
  const annotations = { 'volume.kubernetes.io/selected-node': null };
  await client.patch(PersistentVolumeClaim, 'data', { merge: { metadata: { annotations } } });
  await cluster.settle(10_000);
  const asked = await client.get(PersistentVolumeClaim, 'data');
  assert.equal(asked.metadata?.annotations?.['volume.kubernetes.io/selected-node'], 'n2');
});

test('a pod whose volumes do not come is tried again after ten minutes, or when its claim has gone', async () => {
  await using cluster = await startScheduler();
  const { client } = cluster;
  await createStorage(cluster, 'example.com/disk');
  for (const name of ['slow', 'lost']) await client.create(PersistentVolumeClaim, claim(name));
  await cluster.create(node('n1'));
  await cluster.create(podWith('slow'), podWith('lost'));
  const said = async (name: string): Promise<string | undefined> =>
    (await cluster.pod(`with-${name}`)).status?.conditions?.[0]?.message;
  const intro = 'running PreBind plugin "VolumeBinding": ';
  const unprotected = { merge: { metadata: { finalizers: null } } };
  await client.patch(PersistentVolumeClaim, 'lost', unprotected);
  await client.delete(PersistentVolumeClaim, 'lost');
  await cluster.settle();
  assert.equal(await said('lost'), `${intro}the claim default/lost is gone`);
  await cluster.settle(599_999);
  assert.equal(await said('slow'), undefined);
  await cluster.settle(1);
  assert.equal(await said('slow'), `${intro}volumes were not bound within 600 s`);
});

test('a scheduler that is stopped ends at once, and says nothing of pods on their way', async () => {
  await using cluster = await startScheduler();
  await createStorage(cluster, 'example.com/disk');
  await cluster.client.create(PersistentVolumeClaim, claim('data'));
  await cluster.create(node('n1'));
  await cluster.create(pod('weak', { requests: { cpu: '3' } }), podWith('data'));
  const unanswered: string[] = [];
  cluster.intercept((request, next) => {
    const { method, path, signal } = request;
    if (method === 'GET' || !path.includes('/pods/')) return next(request);
    unanswered.push(path.slice(path.indexOf('/pods/')));
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason)),
    );
  });
  await cluster.create(pod('p'), pod('strong', { requests: { cpu: '3' }, priority: 100 }));
  const before = ['/pods/p/binding', '/pods/strong/status', '/pods/weak/status'];
  assert.deepEqual(unanswered.sort(), before);
  await cluster.stop();
  assert.deepEqual(unanswered, before);
  assert.equal((await cluster.pod('with-data')).status?.conditions, undefined);
  assertWarnings(cluster);
});

test('a scheduler that fails is run again without waiting for pods on their way', async () => {
  const broken: Profile = {
    ...defaultProfile,
    schedulerName: 'broken',
    plugins: [
      {
        name: 'NodePorts',
        filter: () => {
          throw new Error('broken');
        },
      },
    ],
  };
  await using cluster = await startScheduler({ profiles: [defaultProfile, broken] });
  await createStorage(cluster, 'example.com/disk');
  await cluster.client.create(PersistentVolumeClaim, claim('data'));
  await cluster.create(node('n1'));
  await cluster.create(podWith('data'));
  await cluster.create(pod('p', { schedulerName: 'broken' }));
  assertWarnings(cluster, 'the scheduler has failed and is run again');
  assert.equal((await cluster.pod('with-data')).status?.conditions, undefined);
});

test('a scheduler that cannot take in a change fails alone: those who share its caches go on', async () => {
  const broken: Profile = {
    ...defaultProfile,
    plugins: [
      {
        ...nodePorts,
        filter: () => ({ check: () => passing('no ports') }),
        mayHelp: () => {
          throw new Error('broken');
        },
      },
    ],
  };
  const ending = new AbortController();
  const { signal } = ending;
  let nodes: Informer<Node> | undefined;
  await using cluster = await startScheduler({
    profiles: [broken],
    informers: ({ handlerFor }, clock) => {
      const client = createClient({ transport: handlerFor(admin), clock, random: seededRandom(7) });
      const informers = createInformers({ client, signal });
      nodes = leanInformer(informers, Node);
      return informers;
    },
  });
  await cluster.create(node('n1'), pod('p'));
  await cluster.create(node('n2'));
  assertWarnings(cluster, 'the scheduler has failed and is run again');
  await cluster.create(node('n3'));
  assert.equal(nodes?.get('n3')?.metadata?.name, 'n3');
  ending.abort();
});

test('two claims do not get the same volume', async () => {
  await using cluster = await startScheduler();
  const { client } = cluster;
  await createStorage(cluster, 'kubernetes.io/no-provisioner');
  await client.create(PersistentVolume, volume('v'));
  for (const name of ['one', 'two']) await client.create(PersistentVolumeClaim, claim(name));
  await client
    .subresource(PersistentVolume, 'v', 'status')
    .patch({ merge: { status: { phase: 'Available' } } });
  await cluster.create(node('n1'), podWith('one'), podWith('two'));
  const kept = await client.get(PersistentVolume, 'v');
  assert.deepEqual(
    [
      kept.spec?.claimRef?.name,
      kept.metadata?.annotations?.['pv.kubernetes.io/bound-by-controller'],
    ],
    ['one', 'yes'],
  );
  await bindClaim(cluster, 'one', 'v');
  await cluster.settle();
  assert.equal(await cluster.nodeOf('with-one'), 'n1');
  assert.match(
    (await cluster.pod('with-two')).status?.conditions?.[0]?.message ?? '',
    /1 node\(s\) didn't find available persistent volumes to bind/,
  );
});

test('of two schedulers one works, and the other when that one has ended', async () => {
  await using cluster = await startScheduler({ isElected: true });
  await using other = await cluster.startAnother();
  await cluster.create(node('n1'), pod('a'));
  await cluster.settle(5_000);
  assert.equal(await cluster.nodeOf('a'), 'n1');
  await cluster.stop();
  await cluster.create(pod('b'));
  await cluster.settle(20_000);
  assert.equal(await cluster.nodeOf('b'), 'n1');
  assert.ok(other);
});

function isBinding(path: string): boolean {
  return path.endsWith('/binding');
}

function refusal(): HttpResponse {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: 'Forbidden',
    message: 'somebody does not want it',
    code: 403,
  };
  const headers = { 'content-type': 'application/json' };
  return { status: 403, headers, body: Buffer.from(JSON.stringify(status)) };
}

async function createStorage({ client }: RunningScheduler, provisioner: string): Promise<void> {
  await client.create(StorageClass, {
    metadata: { name: 'late' },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
  });
}

function claim(name: string): PersistentVolumeClaim {
  return {
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: 'late',
    },
  };
}

/** A pod that mounts a claim. */
function podWith(name: string): Pod {
  const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: name } }];
  return pod(`with-${name}`, { volumes });
}

function volume(name: string): PersistentVolume {
  return {
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      storageClassName: 'late',
      hostPath: { path: '/data' },
    },
  };
}

/** As the controller does that binds claims; it makes the volume when there is none. */
async function bindClaim({ client }: RunningScheduler, name: string, volumeName: string) {
  if ((await client.find(PersistentVolume, volumeName)) === undefined) {
    await client.create(PersistentVolume, volume(volumeName));
  }
  const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
  const patch = { merge: { metadata: { annotations }, spec: { volumeName } } };
  await client.patch(PersistentVolumeClaim, name, patch);
}
