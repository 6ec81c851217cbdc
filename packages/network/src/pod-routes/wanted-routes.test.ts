import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '@fairway/kinds/core/v1';
import { wantedRoutes } from './wanted-routes.ts';

const node = (name: string, podCIDR: string | undefined, ...addresses: string[]): Node => ({
  metadata: { name },
  spec: podCIDR === undefined ? {} : { podCIDR },
  status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
});

test('pods of another node are found behind its address, where it leads to another machine', () => {
  const nodes = [
    node('own', '10.244.0.0/24', '192.0.2.1'),
    node('a', '10.244.1.0/24', 'fd00::1', '192.0.2.2'),
    node('without a network', undefined, '192.0.2.3'),
    node('without an address', '10.244.3.0/24'),
    node('simulated', '10.128.0.0/24', '192.0.2.4'),
    node('of a machine alone', '10.244.4.0/24', '10.244.4.1'),
    node('of the same machine', '10.244.5.0/24', '192.0.2.1'),
    node('of processes', '10.244.6.0/24', '127.0.0.1'),
  ];
  const routes = wantedRoutes(nodes, { nodeName: 'own', clusterCidr: '10.244.0.0/16' });
  assert.deepEqual([...routes], [['10.244.1.0/24', '192.0.2.2']]);
});
