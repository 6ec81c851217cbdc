import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertWarnings, startScheduler } from './running-scheduler.ts';
import { node, pod } from './situation.ts';

test('a pod gets a node, and an event that says so', async () => {
  await using cluster = await startScheduler();
  await cluster.create(node('n1'), pod('p'));
  assert.equal(await cluster.nodeOf('p'), 'n1');
  assert.deepEqual(await cluster.eventsOf('p'), [
    'Scheduled: Successfully assigned default/p to n1',
  ]);
  assertWarnings(cluster);
});
