import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, isForbidden } from '@fairway/client';
import { withFaults } from '@fairway/client/testing';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { ConfigMap, Node, Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { administrator, openTestCluster } from './testing.ts';

test('openTestCluster() has the controllers that every namespace needs', async () => {
  await using cluster = await openTestCluster();
  const { client } = cluster;
  await client.waitFor(ServiceAccount, 'default', (account) => account !== undefined);
  const spec = { containers: [{ name: 'c', image: 'a' }] };
  await client.create(Pod, { metadata: { name: 'web' }, spec });
  const pod = await client.get(Pod, 'web');
  assert.equal(pod.spec?.serviceAccountName, 'default');
});

test('openTestCluster() gives others the rights that roles give them', async () => {
  await using cluster = await openTestCluster({ controllers: [] });
  const bob = cluster.clientFor({ username: 'bob', groups: ['system:authenticated'] });
  await assert.rejects(bob.list(ConfigMap).all(), isForbidden);
});

test('openTestCluster() has a scheduler for whoever wants one', async () => {
  await using cluster = await openTestCluster({ hasScheduler: true });
  const { client } = cluster;
  await client.create(Node, { metadata: { name: 'n1' } });
  const allocatable = { cpu: '1', memory: '1Gi', pods: '10' };
  await client.subresource(Node, 'n1', 'status').patch({ merge: { status: { allocatable } } });
  await client.patch(Node, 'n1', { merge: { spec: { taints: null } } });
  await client.waitFor(ServiceAccount, 'default', (account) => account !== undefined);
  await client.create(Pod, {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'c', image: 'a' }] },
  });
  const placed = await client.waitFor(Pod, 'web', (pod) => pod?.spec?.nodeName !== undefined);
  assert.equal(placed?.spec?.nodeName, 'n1');
});

test('openTestCluster() takes faults and forgets the past on demand', async () => {
  await using cluster = await openTestCluster({ controllers: [] });
  const clock = systemClock;
  const faulty = withFaults(cluster.handlerFor(administrator), {
    clock,
    faults: [{ kind: 'cut', afterEvents: 1, how: 'reset' }],
  });
  const client = createClient({ transport: faulty.handler, clock, random: systemRandom });
  const stop = new AbortController();
  const seen: string[] = [];
  const reflection = client.reflect(ConfigMap, { signal: stop.signal });
  await cluster.client.create(ConfigMap, { metadata: { name: 'first' } });
  for await (const event of reflection) {
    if (event.type === 'InitDone') {
      await cluster.compact();
      await cluster.client.create(ConfigMap, { metadata: { name: 'second' } });
    }
    if ('object' in event) seen.push(event.object.metadata?.name ?? '');
    if (seen.includes('second')) stop.abort();
  }
  assert.ok(seen.includes('first') && seen.includes('second'));
});

test('openTestCluster() runs the pods of nodes that it pretends to have', async () => {
  const crash = {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name: 'pod-ready' },
    spec: {
      resourceRef: { kind: 'Pod' },
      selector: { matchExpressions: [{ key: '.status.startTime', operator: 'Exists' }] },
      next: { fail: { reason: 'Evicted', message: 'by the test' } },
    },
  };
  await using cluster = await openTestCluster({
    controllers: ['serviceaccount-controller'],
    simulatedNodes: 1,
    stages: [crash],
  });
  const { client } = cluster;
  await client.waitFor(ServiceAccount, 'default', (account) => account !== undefined);
  const spec = { containers: [{ name: 'c', image: 'a' }] };
  await client.create(Pod, { metadata: { name: 'web' }, spec });
  const pod = await client.waitFor(Pod, 'web', (each) => each?.status?.phase === 'Failed');
  assert.equal(pod?.status?.reason, 'Evicted');
});

test('openTestCluster() refuses controllers, nodes and stages that there cannot be', async () => {
  await assert.rejects(openTestCluster({ controllers: ['nobody'] }), /"nobody" is no controller/);
  await assert.rejects(openTestCluster({ simulatedNodes: -1 }), /-1 is no number of nodes/);
  await assert.rejects(
    openTestCluster({ simulatedNodes: 1, stages: [{}] }),
    /stage 1 has apiVersion ""/,
  );
});
