import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { podCondition } from '@fairway/kind-rules/pods';
import {
  type RunningCluster,
  startRunningCluster,
  addNamespace,
} from '../../test/running-cluster.ts';
import { beyondThreshold } from './beyond-threshold.ts';

const namespace = 'shop';

async function addPod({ client }: RunningCluster, name: string, nodeName: string): Promise<void> {
  const finalizers = ['example.com/see'];
  const spec = { nodeName, containers: [{ name: 'main', image: 'web:1' }] };
  await client.create(Pod, { metadata: { name, namespace, finalizers }, spec });
}

test('pods whose node is gone or out of service are failed and deleted', async () => {
  await using cluster = await startRunningCluster({
    controllers: ['pod-garbage-collector-controller'],
  });
  const { client, server, until } = cluster;
  await addNamespace(client, namespace);
  for (const name of ['stays', 'broken']) await client.create(Node, { metadata: { name } });
  await addPod(cluster, 'lost', 'gone');
  await addPod(cluster, 'fine', 'stays');
  await addPod(cluster, 'ending', 'broken');
  await client.delete(Pod, 'ending', { namespace });
  const pod = (name: string): Promise<Pod> => client.get(Pod, name, { namespace });
  await server.clock.advance(39_000);
  assert.equal((await pod('lost')).metadata?.deletionTimestamp, undefined);
  await until('the orphan is deleted', async () => {
    const { metadata, status } = await pod('lost');
    return metadata?.deletionTimestamp !== undefined && status?.phase === 'Failed';
  });
  assert.equal(podCondition(await pod('lost'), 'DisruptionTarget')?.reason, 'DeletionByPodGC');
  assert.equal((await pod('ending')).status?.phase, 'Pending');
  const key = 'node.kubernetes.io/out-of-service';
  await client.patch(Node, 'broken', {
    merge: { spec: { taints: [{ key, effect: 'NoExecute' }] } },
  });
  await until(
    'the pod of the broken node',
    async () => (await pod('ending')).status?.phase === 'Failed',
  );
  assert.equal((await pod('fine')).metadata?.deletionTimestamp, undefined);
  assert.deepEqual(cluster.warnings, []);
});

test('of too many pods that have ended, those go that were evicted, then the oldest', () => {
  const ended = (name: string, creationTimestamp: string, reason?: string): Pod => ({
    metadata: { name, creationTimestamp },
    status: { phase: 'Failed', ...(reason === undefined ? {} : { reason }) },
  });
  const pods = [
    ended('young', '2026-01-03T00:00:00Z'),
    ended('old', '2026-01-01T00:00:00Z'),
    ended('evicted', '2026-01-02T00:00:00Z', 'Evicted'),
    { metadata: { name: 'runs' }, status: { phase: 'Running' } } as const,
  ];
  const names = (max: number): readonly (string | undefined)[] =>
    beyondThreshold(pods, max).map(({ metadata }) => metadata?.name);
  assert.deepEqual(names(1), ['evicted', 'old']);
  assert.deepEqual(names(2), ['evicted']);
  assert.deepEqual(names(3), []);
});
