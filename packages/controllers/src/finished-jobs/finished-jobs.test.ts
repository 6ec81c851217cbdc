import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Job, type JobStatus } from '@fairway/kinds/batch/v1';
import { Namespace } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import { startRunningCluster } from '../../test/running-cluster.ts';

test('a job goes when its time after its end is over, as it is by then', async () => {
  const controllers = ['ttl-after-finished-controller', 'garbage-collector-controller'];
  await using cluster = await startRunningCluster({ controllers });
  const { client, server, until } = cluster;
  const { clock } = server;
  const namespace = 'shop';
  await client.create(Namespace, { metadata: { name: namespace } });
  const template = {
    spec: { containers: [{ name: 'main', image: 'app:1' }], restartPolicy: 'Never' as const },
  };
  const spec = { ttlSecondsAfterFinished: 30, template };
  const finish = async (name: string, type: string): Promise<void> => {
    const job = await client.create(Job, { metadata: { name, namespace }, spec });
    const condition = { type, status: 'True', lastTransitionTime: formatTime(clock.now()) };
    const status: JobStatus = { conditions: [condition] };
    await client.subresource<Job>(Job, name, 'status', { namespace }).replace({ ...job, status });
  };
  await finish('done', 'Complete');
  await finish('broken', 'Failed');
  await finish('longer', 'Complete');
  await client.create(Job, { metadata: { name: 'running', namespace }, spec });
  const names = async (): Promise<readonly string[]> =>
    (await client.list(Job, { namespace }).all()).items.map(({ metadata }) => metadata?.name ?? '');
  await clock.advance(29_000);
  assert.equal((await names()).length, 4);
  const more = { merge: { spec: { ttlSecondsAfterFinished: 60 } } };
  await client.patch(Job, 'longer', more, { namespace });
  await clock.advance(1_000);
  await until('two left', async () => (await names()).join() === 'longer,running');
  await clock.advance(25_000);
  assert.deepEqual(await names(), ['longer', 'running']);
  await until('one left', async () => (await names()).join() === 'running');
  assert.deepEqual(cluster.warnings, []);
});
