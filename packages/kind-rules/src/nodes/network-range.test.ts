import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldNetworks } from './held-networks.ts';
import { cutRange, formatAddress, parseAddress, parseNetwork } from './network-range.ts';

test('a range is cut into networks, each with a number', () => {
  const range = cutRange('10.244.7.9/16', 24);
  assert.equal(range.count, 256);
  assert.equal(range.cidr, '10.244.0.0/16');
  assert.deepEqual([range.cidrOf(0), range.cidrOf(255)], ['10.244.0.0/24', '10.244.255.0/24']);
  assert.equal(range.indexOf('10.244.3.0/24'), 3);
  for (const other of ['10.245.0.0/24', '10.243.255.0/24', '10.244.3.0/25', 'fd00::/24', 'x', '']) {
    assert.equal(range.indexOf(other), undefined, other);
  }
  assert.equal(cutRange('192.168.0.0/28', 30).cidrOf(3), '192.168.0.12/30');
  assert.equal(cutRange('10.128.0.0/10', 24).count, 16_384);
});

test('what cannot be cut is refused with the reason', () => {
  for (const [cidr, bits] of [
    ['fd00::/48', 64],
    ['10.0.0.0', 24],
    ['nonsense', 24],
  ] as const) {
    assert.throws(() => cutRange(cidr, bits), /is no range of IPv4 addresses/);
  }
  for (const bits of [15, 31, 24.5, Number.NaN]) {
    assert.throws(() => cutRange('10.244.0.0/16', bits), /there may be 16 to 30/);
  }
});

test('addresses of a network are those between its first and its last one', () => {
  assert.deepEqual(parseNetwork('10.0.0.7/30'), { first: parseAddress('10.0.0.5'), count: 2 });
  assert.deepEqual(parseNetwork('10.0.0.7/32'), { first: parseAddress('10.0.0.7'), count: 1 });
  assert.equal(formatAddress(parseAddress('255.255.255.255') ?? 0), '255.255.255.255');
  assert.deepEqual([parseNetwork('x'), parseAddress('::1')], [undefined, undefined]);
});

test('a node keeps its network, and one that is given back is taken again', () => {
  const held = new HeldNetworks(cutRange('10.244.0.0/23', 24));
  held.note({ metadata: { name: 'a' }, spec: { podCIDR: '10.244.0.0/24' } });
  held.note({ metadata: { name: 'elsewhere' }, spec: { podCIDR: '10.1.0.0/24' } });
  assert.deepEqual([held.take('b'), held.take('a'), held.take('c')], [1, 0, undefined]);
  held.release('a');
  held.release('nobody');
  assert.deepEqual([held.take('c'), held.take('b'), held.take('a')], [0, 1, undefined]);
});
