import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkClash } from './network-clash.ts';

const ranges = {
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.0.0.0/24',
  nodeAddresses: ['10.244.0.1', undefined],
};

test('a machine that is in the network of its pods or services is told which flag helps', () => {
  const clash = (...addresses: string[]): string | undefined => networkClash(addresses, ranges);
  assert.equal(clash('192.168.1.7', 'fd00::1', '10.0.1.0', '10.245.0.0'), undefined);
  assert.match(
    clash('10.0.0.17') ?? '',
    /10\.0\.0\.17.*10\.0\.0\.0\/24.*--service-cluster-ip-range/,
  );
  assert.match(clash('10.0.0.255') ?? '', /--service-cluster-ip-range/);
  assert.match(clash('10.244.3.0') ?? '', /--cluster-cidr, and a new --data-dir/);
});

test('the address that a cluster before has left is its own', () => {
  assert.equal(networkClash(['10.244.0.1'], ranges), undefined);
});
