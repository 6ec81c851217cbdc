import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { createClient } from '@fairway/client';
import { seededRandom, settle } from '@fairway/host/testing';
import { silentLogger } from '@fairway/host';
import { Lease } from '@fairway/kinds/coordination/v1';
import { Event, Node } from '@fairway/kinds/core/v1';
import { createEventRecorder, createInformers } from '@fairway/reconcile';
import { type NodeReport, kubeletVersion } from '../src/node/node-status.ts';
import { registerNode, speakForNode } from '../src/node/speak-for-node.ts';

const facts: NodeReport = {
  machine: {
    hostName: 'n1',
    cpuCount: 2,
    memoryBytes: 2 ** 31,
    storageBytes: 2 ** 40,
    info: {
      architecture: 'amd64',
      bootID: 'b',
      kernelVersion: '6.1',
      machineID: 'm',
      operatingSystem: 'linux',
      osImage: 'Debian',
      systemUUID: 's',
    },
  },
  address: '192.0.2.7',
  port: 10_250,
  podsMax: 110,
  runtimeVersion: 'containerd://1.6.20',
  images: [],
  verdict: { isReady: true, reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  pressures: [],
};

/** An API, and a node that speaks with the rights of a kubelet. */
async function openNode() {
  const server = await startTestServer();
  const { clock, api } = server;
  const stopping = new AbortController();
  const { signal } = stopping;
  const random = seededRandom(5);
  const clientFor = (user: typeof admin) =>
    createClient({ transport: api.handlerFor(user), clock, random });
  const client = clientFor({
    username: 'system:node:n1',
    groups: ['system:nodes', 'system:authenticated'],
  });
  const logger = silentLogger;
  const recorder = createEventRecorder({
    client,
    component: 'kubelet',
    instance: 'n1',
    signal,
    logger,
  });
  const { info, hostName } = facts.machine;
  const registration = { name: 'n1', hostName, info, labels: { zone: 'a' }, taints: [] };
  const said = { current: facts };
  const speaker = {
    client,
    informers: createInformers({ client, signal, logger }),
    recorder,
    registration,
    report: async () => said.current,
    clock,
    random,
    logger,
  };
  return {
    admin: clientFor(admin),
    clock,
    said,
    speaker,
    speak: () => speakForNode(speaker).run({ signal }),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await settle();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a node registers itself, posts what it is, renews its lease and tells what changes', async () => {
  await using open = await openNode();
  const { clock, said, speaker } = open;
  await registerNode(speaker);
  const speaking = open.speak();
  await clock.advance(20);
  const node = await open.admin.get(Node, 'n1');
  assert.equal(node.metadata?.labels?.['kubernetes.io/hostname'], 'n1');
  assert.equal(node.metadata?.labels?.['zone'], 'a');
  assert.equal(node.status?.nodeInfo?.kubeletVersion, kubeletVersion);
  assert.equal(node.status?.daemonEndpoints?.kubeletEndpoint?.Port, 10_250);
  assert.deepEqual(node.status?.capacity, {
    cpu: '2',
    'ephemeral-storage': '1Ti',
    memory: '2Gi',
    pods: '110',
  });
  const conditions = node.status?.conditions?.map(({ type, status }) => `${type}=${status}`);
  assert.deepEqual(conditions, [
    'MemoryPressure=False',
    'DiskPressure=False',
    'PIDPressure=False',
    'Ready=True',
  ]);
  await clock.advance(60_000);
  const quiet = await open.admin.get(Node, 'n1');
  assert.equal(quiet.metadata?.resourceVersion, node.metadata?.resourceVersion, 'nothing is new');
  const lease = await open.admin.get(Lease, 'n1', { namespace: 'kube-node-lease' });
  const renewedMs = Date.parse(lease.spec?.renewTime ?? '');
  assert.ok(clock.now() - renewedMs <= 11_000);
  said.current = {
    ...facts,
    verdict: { isReady: false, reason: 'KubeletNotReady', message: 'no runtime' },
  };
  await clock.advance(10_500);
  const broken = await open.admin.get(Node, 'n1');
  const ready = broken.status?.conditions?.find(({ type }) => type === 'Ready');
  assert.deepEqual([ready?.status, ready?.message], ['False', 'no runtime']);
  const events = await open.admin.list(Event, { namespace: 'default' }).all();
  assert.ok(events.items.some(({ reason }) => reason === 'NodeNotReady'));
  await clock.advance(315_000);
  const later = await open.admin.get(Node, 'n1');
  assert.notEqual(later.metadata?.resourceVersion, broken.metadata?.resourceVersion, 'every 5 min');
  void speaking;
});

test('an agent that begins says that it is there, also when nothing else is new', async () => {
  await using open = await openNode();
  const { clock, speaker } = open;
  await registerNode(speaker);
  const stopping = new AbortController();
  const first = speakForNode(speaker).run({ signal: stopping.signal });
  await clock.advance(20);
  const before = await open.admin.get(Node, 'n1');
  stopping.abort();
  await first;
  await clock.advance(2_000);
  void open.speak();
  await clock.advance(20);
  const [ready] = (await open.admin.get(Node, 'n1')).status?.conditions ?? [];
  assert.notEqual(ready?.lastHeartbeatTime, before.status?.conditions?.[0]?.lastHeartbeatTime);
  assert.equal(ready?.lastTransitionTime, before.status?.conditions?.[0]?.lastTransitionTime);
});

test('a node that is there already keeps what others have said, and one that is deleted stays so', async () => {
  await using open = await openNode();
  const { clock, speaker } = open;
  await open.admin.create(Node, {
    metadata: { name: 'n1', labels: { mine: 'x' } },
    spec: { unschedulable: true },
  });
  await registerNode(speaker);
  void open.speak();
  await clock.advance(20);
  const node = await open.admin.get(Node, 'n1');
  assert.deepEqual([node.metadata?.labels?.['mine'], node.spec?.unschedulable], ['x', true]);
  await open.admin.delete(Node, 'n1');
  await clock.advance(30_000);
  assert.equal(await open.admin.find(Node, 'n1'), undefined);
});
