import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DaemonSet } from '@fairway/kinds/apps/v1';
import { Event, Namespace, Node, Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { startRunningCluster } from '../../test/running-cluster.ts';

const labels = { app: 'agent' };
const template = {
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'agent:1' }] },
};

test('a daemon set follows its nodes, and gives pods that fail time', async () => {
  await using cluster = await startRunningCluster({ controllers: ['daemonset-controller'] });
  const { client, server, until } = cluster;
  const namespace = 'kube-system';
  const inNamespace = { namespace };
  if ((await client.find(Namespace, namespace)) === undefined) {
    await client.create(Namespace, { metadata: { name: namespace } });
  }
  await client.create(ServiceAccount, { metadata: { name: 'default', namespace } });
  const addNode = async (name: string): Promise<void> => {
    await client.create(Node, { metadata: { name } });
    // The taint of a new node, which another controller takes away.
    await client.patch(Node, name, { merge: { spec: { taints: null } } });
  };
  const countPods = async (): Promise<number> =>
    (await client.list(Pod, inNamespace).all()).items.length;
  for (let at = 0; at < 20; at++) await addNode(`node-${at}`);
  await client.create(DaemonSet, {
    metadata: { name: 'agent', namespace },
    spec: { selector: { matchLabels: labels }, template },
  });
  await until('a pod for each node', async () => (await countPods()) === 20);
  await addNode('node-20');
  await until('one more', async () => (await countPods()) === 21);
  await client.delete(Node, 'node-0');
  await until('one less, which nobody has placed', async () => (await countPods()) === 20);
  const writes = cluster.countRequests('PUT', /daemonsets\/agent\/status/);
  await client.patch(Node, 'node-1', { merge: { metadata: { annotations: { beat: '1' } } } });
  await server.clock.advance(5_000);
  assert.equal(writes(), 0);

  const failOnNode1 = async (): Promise<void> => {
    const { items } = await client.list(Pod, inNamespace).all();
    const pod = items.find(({ spec }) => JSON.stringify(spec?.affinity).includes('"node-1"'));
    const name = pod?.metadata?.name ?? '';
    const part = client.subresource<Pod>(Pod, name, 'status', inNamespace);
    await part.patch({ merge: { status: { phase: 'Failed' } } });
    const startMs = server.clock.elapsed();
    await until(
      'another pod',
      async () => (await client.find(Pod, name, inNamespace)) === undefined,
    );
    waits.push(server.clock.elapsed() - startMs);
    await until('as many as before', async () => (await countPods()) === 20);
  };
  const waits: number[] = [];
  for (let times = 0; times < 4; times++) await failOnNode1();
  const [, second = 0, third = 0, fourth = 0] = waits;
  assert.ok(second >= 500 && third >= 1_500 && fourth >= 3_500, `it waited ${waits.join(', ')} ms`);
  const { items: events } = await client.list(Event, inNamespace).all();
  const told = events
    .filter(({ reason }) => reason === 'FailedDaemonPod')
    .map(({ message }) => message);
  assert.match(
    told[0] ?? '',
    /^Found failed daemon pod kube-system\/agent-\w{5} on node node-1, will try to kill it$/,
  );
  assert.deepEqual(cluster.warnings, []);
});
