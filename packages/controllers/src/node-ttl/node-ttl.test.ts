import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '@fairway/kinds/core/v1';
import { startRunningCluster } from '../../test/running-cluster.ts';
import { stepOf } from './node-ttl.ts';

test('the step follows the number of nodes, and does not go to and fro', () => {
  assert.deepEqual(
    [0, 100, 101, 500, 2_500].map((count) => stepOf(count, 0)),
    [0, 0, 1, 1, 4],
  );
  assert.deepEqual(
    [95, 90, 89, 0].map((count) => stepOf(count, 1)),
    [1, 1, 0, 0],
  );
  assert.equal(stepOf(10, 4), 0);
});

test('nodes are told how long to keep what they have read', async () => {
  await using cluster = await startRunningCluster({ controllers: ['ttl-controller'] });
  const { client, until } = cluster;
  await client.create(Node, { metadata: { name: 'n1' } });
  await until('the annotation', async () => {
    const { metadata } = await client.get(Node, 'n1');
    return metadata?.annotations?.['node.alpha.kubernetes.io/ttl'] === '0';
  });
});
