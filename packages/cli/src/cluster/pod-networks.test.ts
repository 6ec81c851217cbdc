import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPodNetworks } from './pod-networks.ts';

test('nodes get networks of the range and the size that are asked for', () => {
  assert.equal(readPodNetworks({}).cidrOf(1), '10.244.1.0/24');
  const flags = { clusterCidr: '10.8.0.0/15', nodeCidrMaskSize: '20' };
  assert.equal(readPodNetworks(flags).cidrOf(1), '10.8.16.0/20');
});

test('a range that cannot be cut is refused by its flag', () => {
  assert.throws(
    () => readPodNetworks({ clusterCidr: 'fd00::/48' }),
    /--cluster-cidr: "fd00::\/48" is no range/,
  );
  assert.throws(() => readPodNetworks({ nodeCidrMaskSize: '8' }), /there may be 16 to 30/);
  assert.throws(() => readPodNetworks({ nodeCidrMaskSize: 'x' }), /--node-cidr-mask-size "x"/);
});
