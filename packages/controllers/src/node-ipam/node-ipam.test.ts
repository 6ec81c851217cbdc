import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutRange } from '@fairway/kind-rules/nodes';
import { Node } from '@fairway/kinds/core/v1';
import { startRunningCluster } from '../../test/running-cluster.ts';

test('every node gets a network that no other one has, until none is left', async () => {
  await using cluster = await startRunningCluster({
    controllers: ['node-ipam-controller'],
    podNetworks: cutRange('10.244.0.0/23', 24),
  });
  const { client, until, warnings } = cluster;
  const networkOf = async (name: string): Promise<string | undefined> =>
    (await client.get(Node, name)).spec?.podCIDR;
  await client.create(Node, { metadata: { name: 'mine' }, spec: { podCIDR: '10.244.0.0/24' } });
  await client.create(Node, {
    metadata: { name: 'pretended', annotations: { 'kwok.x-k8s.io/node': 'fake' } },
  });
  await client.create(Node, { metadata: { name: 'a' } });
  await until('a network', async () => (await networkOf('a')) === '10.244.1.0/24');
  await client.create(Node, { metadata: { name: 'b' } });
  await until('a warning', async () =>
    warnings.some((each) => /no network is left/.test(String(each['error']))),
  );
  assert.deepEqual([await networkOf('pretended'), await networkOf('b')], [undefined, undefined]);
  await client.delete(Node, 'mine');
  await until('the network of another', async () => (await networkOf('b')) === '10.244.0.0/24');
});
