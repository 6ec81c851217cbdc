import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedClash, networkClash } from './network-clash.ts';

const ranges = {
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.0.0.0/24',
  isOwn: true,
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

test('a machine that would join is told nothing of flags that only the cluster has', () => {
  const clash = networkClash(['10.0.0.17'], { ...ranges, isOwn: false }) ?? '';
  assert.match(clash, /10\.0\.0\.17.*10\.0\.0\.0\/24: .*join from a machine outside of it$/);
});

test('the address that a cluster before has left is its own', () => {
  assert.equal(networkClash(['10.244.0.1'], ranges), undefined);
});

test('what a cluster keeps from its first start is refused beside other ranges', () => {
  const { podCidr, serviceCidr } = ranges;
  const kept = { nodePodCidr: '10.244.7.0/24', serviceAddress: '10.0.0.1' };
  assert.equal(movedClash({ podCidr, serviceCidr }), undefined);
  assert.equal(movedClash({ podCidr, serviceCidr, ...kept }), undefined);
  assert.match(
    movedClash({ podCidr: '10.63.0.0/16', serviceCidr, ...kept }) ?? '',
    /pods of this node have 10\.244\.7\.0\/24, which is not in 10\.63\.0\.0\/16: .* give --cluster-cidr as at first, or .* a new --data-dir$/,
  );
  assert.match(
    movedClash({ podCidr, serviceCidr: '10.96.0.0/16', ...kept }) ?? '',
    /kubernetes has 10\.0\.0\.1, which is not in 10\.96\.0\.0\/16: .* --service-cluster-ip-range/,
  );
});
