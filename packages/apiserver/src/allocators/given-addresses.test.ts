import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '../testing.ts';
import { readGivenAddresses } from './given-addresses.ts';

test('a store tells which addresses its cluster keeps', async () => {
  await using server = await startTestServer({ serviceClusterIpRange: '10.9.0.0/24' });
  assert.deepEqual(await readGivenAddresses(server.store, 'n1'), { serviceAddress: '10.9.0.1' });
  const body = { metadata: { name: 'n1' }, spec: { podCIDR: '10.8.3.0/24' } };
  await server.expect(201, 'POST', '/api/v1/nodes', { body });
  assert.deepEqual(await readGivenAddresses(server.store, 'n1'), {
    nodePodCidr: '10.8.3.0/24',
    serviceAddress: '10.9.0.1',
  });
});
