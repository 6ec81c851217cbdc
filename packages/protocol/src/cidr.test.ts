import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inNetworks, isInNetwork, parseCidr } from './cidr.ts';

test('parseCidr() reads networks of both families, and nothing else', () => {
  assert.deepEqual(parseCidr('10.1.2.3/8'), { address: '10.1.2.3', prefixBits: 8 });
  assert.deepEqual(parseCidr('fd00::/64'), { address: 'fd00::', prefixBits: 64 });
  for (const text of ['10.0.0.0', '10.0.0.0/33', 'fd00::/129', '10.0.0/8', '10.0.0.0/', '/8']) {
    assert.equal(parseCidr(text), undefined, text);
  }
});

test('isInNetwork() knows the addresses of a network', () => {
  assert.equal(isInNetwork('10.200.0.1', '10.1.2.3/8'), true);
  assert.equal(isInNetwork('11.0.0.1', '10.0.0.0/8'), false);
  assert.equal(isInNetwork('192.0.2.1', '192.0.2.1/32'), true);
  assert.equal(isInNetwork('fd00::7', 'fd00::/64'), true);
  assert.equal(isInNetwork('10.0.0.1', 'fd00::/64'), false);
  assert.equal(isInNetwork('nonsense', '0.0.0.0/0'), false);
  assert.equal(isInNetwork('10.0.0.1', 'nonsense'), false);
});

test('inNetworks() knows the addresses of all its networks, of both families', () => {
  const isIn = inNetworks(['10.0.0.0/8', 'nonsense', 'fd00::/64', '192.0.2.1/32']);
  const asked = ['10.1.2.3', '192.0.2.1', 'fd00::7', '192.0.2.2', 'fd01::1', 'nonsense', ''];
  assert.deepEqual(asked.filter(isIn), ['10.1.2.3', '192.0.2.1', 'fd00::7']);
  assert.equal(inNetworks([])('10.1.2.3'), false);
});
