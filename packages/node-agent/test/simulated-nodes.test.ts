import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lease } from '@fairway/kinds/coordination/v1';
import { Event, Node, Pod } from '@fairway/kinds/core/v1';
import { parseTime } from '@fairway/protocol';
import { parseStages } from '../src/index.ts';
import { openSimulatedCluster } from './simulated-cluster.ts';

const fake = { 'kwok.x-k8s.io/node': 'fake' };

test('nodes register, say that they are ready, and renew their leases', async (t) => {
  await using cluster = await openSimulatedCluster({ count: 3 });
  const { client, clock } = cluster;

  await t.test('with addresses, capacity and a network for pods', async () => {
    const { items } = await client.list(Node).all();
    assert.deepEqual(
      items.map(({ metadata, spec, status }) => [
        metadata?.name,
        spec?.podCIDR,
        status?.addresses?.[0]?.address,
        status?.capacity?.['pods'],
        status?.conditions?.find(({ type }) => type === 'Ready')?.status,
      ]),
      [1, 2, 3].map((number) => [
        `simulated-${number}`,
        `10.128.${number - 1}.0/24`,
        `172.18.0.${number + 1}`,
        '110',
        'True',
      ]),
    );
  });

  await t.test('each within ten seconds or so, at moments of its own', async () => {
    await clock.advance(60_000);
    const leases = await client.list(Lease, { namespace: 'kube-node-lease' }).all();
    const ages = leases.items.map(
      ({ spec }) => clock.now() - (parseTime(spec?.renewTime ?? '') ?? 0),
    );
    assert.equal(ages.length, 3);
    assert.equal(new Set(ages).size, 3);
    assert.ok(
      ages.every((age) => age >= 0 && age <= 10_400),
      `${ages.join(', ')} ms`,
    );
    assert.equal(leases.items[0]?.spec?.leaseDurationSeconds, 40);
    assert.equal(leases.items[0]?.metadata?.ownerReferences?.[0]?.kind, 'Node');
  });

  await t.test('and post their status every five minutes', async () => {
    const heartbeat = async (): Promise<string | undefined> =>
      (await cluster.node('simulated-2')).status?.conditions?.[0]?.lastHeartbeatTime;
    const first = await heartbeat();
    await clock.advance(200_000);
    assert.equal(await heartbeat(), first);
    await clock.advance(120_000);
    assert.notEqual(await heartbeat(), first);
  });

  await t.test('one that is deleted comes back, with the same number', async () => {
    const { metadata } = await cluster.node('simulated-2');
    await client.delete(Node, 'simulated-2');
    await clock.advance(100);
    const { metadata: anew, spec } = await cluster.node('simulated-2');
    assert.notEqual(anew?.uid, metadata?.uid);
    assert.equal(spec?.podCIDR, '10.128.1.0/24');
  });
});

test('a pod runs on its node, and its kubelet says so', async () => {
  await using cluster = await openSimulatedCluster({ count: 1 });
  await cluster.createPod('web');
  const pod = await cluster.pod('web');
  assert.deepEqual(
    [pod?.status?.phase, pod?.status?.podIP, pod?.status?.hostIP, pod?.status?.qosClass],
    ['Running', '10.128.0.1', '172.18.0.2', 'BestEffort'],
  );
  const managers = pod?.metadata?.managedFields?.map(({ manager }) => manager);
  assert.ok(managers?.includes('kubelet'));
  const { items } = await cluster.client.list(Event).all();
  assert.deepEqual(
    items.map(({ reason, source, involvedObject }) => [
      reason,
      source?.component,
      source?.host,
      involvedObject.fieldPath,
    ]),
    ['Pulled', 'Created', 'Started'].map((reason) => [
      reason,
      'kubelet',
      'simulated-1',
      'spec.containers{app}',
    ]),
  );
});

test('pods have addresses of their own; those of the host have the host’s', async () => {
  await using cluster = await openSimulatedCluster({ count: 1 });
  for (const name of ['a', 'b', 'c']) await cluster.createPod(name);
  await cluster.createPod('host', { spec: { hostNetwork: true } });
  const addresses = async (): Promise<readonly (string | undefined)[]> => {
    const { items } = await cluster.client.list(Pod).all();
    return items.map(({ status }) => status?.podIP);
  };
  assert.deepEqual(await addresses(), ['10.128.0.1', '10.128.0.2', '10.128.0.3', '172.18.0.2']);
  // Whoever begins anew knows which are taken.
  await cluster.restart();
  await cluster.createPod('d');
  assert.equal(new Set(await addresses()).size, 5);
});

test('a pod that is deleted ends after a second and is gone; one with a finalizer waits for its owner', async () => {
  await using cluster = await openSimulatedCluster({ count: 1 });
  await cluster.createPod('web');
  await cluster.createPod('kept', { metadata: { finalizers: ['example.com/keep'] } });
  await cluster.client.delete(Pod, 'web');
  await cluster.client.delete(Pod, 'kept');
  await cluster.clock.advance(500);
  assert.equal((await cluster.pod('web'))?.status?.phase, 'Running');
  await cluster.clock.advance(500);
  assert.equal(await cluster.pod('web'), undefined);
  await cluster.clock.advance(60_000);
  const kept = await cluster.pod('kept');
  assert.deepEqual(
    [kept?.status?.phase, kept?.metadata?.deletionGracePeriodSeconds],
    ['Succeeded', 0],
  );
  const { items } = await cluster.client.list(Event, { fieldSelector: 'reason=Killing' }).all();
  assert.deepEqual(
    items.map(({ message }) => message),
    ['Stopping container app', 'Stopping container app'],
  );
});

test('nodes of others are simulated where they say so, and left alone where not', async () => {
  await using cluster = await openSimulatedCluster({ count: 0 });
  const { client, clock } = cluster;
  const status = { capacity: { cpu: '2', pods: '5' } };
  await client.create(Node, { metadata: { name: 'mine', annotations: fake }, status });
  await client.create(Node, { metadata: { name: 'real' } });
  await clock.advance(10);
  await cluster.createPod('on-mine', { node: 'mine' });
  await cluster.createPod('on-real', { node: 'real' });
  const mine = await cluster.node('mine');
  assert.deepEqual(mine.status?.capacity, status.capacity);
  assert.equal(mine.spec?.podCIDR, '10.128.0.0/24');
  assert.equal((await cluster.pod('on-mine'))?.status?.phase, 'Running');
  assert.equal((await cluster.pod('on-real'))?.status?.phase, 'Pending');
  assert.deepEqual((await cluster.node('real')).status?.conditions, undefined);
  assert.equal(await client.find(Lease, 'real', { namespace: 'kube-node-lease' }), undefined);

  // From the moment at which it says so its pods run; afterwards nobody speaks for it any more.
  const annotate = (value: string | null): Promise<Node> =>
    client.patch(Node, 'real', {
      merge: { metadata: { annotations: { 'kwok.x-k8s.io/node': value } } },
    });
  await annotate('fake');
  await clock.advance(10);
  assert.equal((await cluster.pod('on-real'))?.status?.phase, 'Running');
  await annotate(null);
  await clock.advance(60_000);
  const lease = await client.get(Lease, 'real', { namespace: 'kube-node-lease' });
  assert.ok(clock.now() - (parseTime(lease.spec?.renewTime ?? '') ?? 0) >= 60_000);
});

test('fewer nodes than before: those beyond the number go, and no others', async () => {
  await using cluster = await openSimulatedCluster({ count: 3 });
  await cluster.client.create(Node, { metadata: { name: 'simulated-9', annotations: fake } });
  await cluster.createPod('web');
  await cluster.restart({ count: 1 });
  const { items } = await cluster.client.list(Node).all();
  assert.deepEqual(
    items.map(({ metadata }) => metadata?.name),
    ['simulated-1', 'simulated-9'],
  );
  const { status } = (await cluster.pod('web')) ?? {};
  assert.deepEqual([status?.phase, status?.containerStatuses?.[0]?.restartCount], ['Running', 0]);
});

test('a node is not ready while its label says so', async () => {
  await using cluster = await openSimulatedCluster({ count: 1 });
  const label = (value: string | null): Promise<Node> =>
    cluster.client.patch(Node, 'simulated-1', {
      merge: { metadata: { labels: { 'node-not-ready.stage.kwok.x-k8s.io': value } } },
    });
  const ready = async (): Promise<readonly unknown[]> => {
    const { status } = await cluster.node('simulated-1');
    const found = status?.conditions?.find(({ type }) => type === 'Ready');
    return [found?.status, found?.reason];
  };
  await label('true');
  await cluster.clock.advance(10);
  assert.deepEqual(await ready(), ['False', 'KubeletNotReady']);
  await cluster.clock.advance(400_000);
  assert.deepEqual(await ready(), ['False', 'KubeletNotReady']);
  await label(null);
  await cluster.clock.advance(10);
  assert.deepEqual(await ready(), ['True', 'KubeletReady']);
});

test('a pod without a free address waits for one, and its kubelet says so', async () => {
  await using cluster = await openSimulatedCluster({ count: 0 });
  const { client, clock } = cluster;
  const spec = { podCIDR: '10.9.0.0/30', podCIDRs: ['10.9.0.0/30'] };
  await client.create(Node, { metadata: { name: 'small', annotations: fake }, spec });
  await clock.advance(10);
  for (const name of ['a', 'b', 'c']) await cluster.createPod(name, { node: 'small' });
  assert.equal((await cluster.pod('c'))?.status?.phase, 'Pending');
  const { items } = await client.list(Event, { fieldSelector: 'type=Warning' }).all();
  assert.match(items[0]?.message ?? '', /no address is left in the network 10\.9\.0\.0\/30/);
  await client.delete(Pod, 'a', { gracePeriodSeconds: 0 });
  await clock.advance(10_000);
  assert.equal((await cluster.pod('c'))?.status?.podIP, '10.9.0.1');
});

test('stages of a file say what the pods of an application do', async () => {
  const crash = {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name: 'crash' },
    spec: {
      resourceRef: { kind: 'Pod' },
      selector: {
        matchLabels: { app: 'fragile' },
        matchExpressions: [
          { key: '.status.containerStatuses[].state.running', operator: 'Exists' },
        ],
      },
      weight: 1,
      delay: { durationMilliseconds: 5_000 },
      next: { containers: { state: 'Exited', exitCode: 2, message: 'it broke' } },
    },
  };
  await using cluster = await openSimulatedCluster({ count: 1, stages: parseStages([crash]) });
  await cluster.createPod('web');
  await cluster.createPod('other', { metadata: { labels: { app: 'fragile' } } });
  await cluster.clock.advance(5_000);
  const restarts = async (name: string): Promise<number | undefined> =>
    (await cluster.pod(name))?.status?.containerStatuses?.[0]?.restartCount;
  assert.deepEqual([await restarts('web'), await restarts('other')], [0, 1]);
  await cluster.clock.advance(5_000);
  const [status] = (await cluster.pod('other'))?.status?.containerStatuses ?? [];
  assert.equal(status?.state?.waiting?.reason, 'CrashLoopBackOff');
  assert.equal(status?.lastState?.terminated?.message, 'it broke');
});
