import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstServiceAddress, parseAddressRange } from './address-range.ts';

test('parseAddressRange() leaves out the network and the broadcast address', () => {
  const range = parseAddressRange('10.0.0.0/24');
  assert.equal(range.size, 254);
  assert.equal(range.at(0), '10.0.0.1');
  assert.equal(range.at(253), '10.0.0.254');
  assert.equal(range.has('10.0.0.200'), true);
  assert.equal(range.has('10.0.1.0'), false);
});

test('parseAddressRange() takes an address within the range for the range', () => {
  assert.equal(parseAddressRange('10.96.7.9/12').at(0), '10.96.0.1');
});

test('parseAddressRange() counts in IPv6', () => {
  const range = parseAddressRange('fd00:10:96::/112');
  assert.equal(range.family, 'IPv6');
  assert.equal(range.at(0), 'fd00:10:96::1');
  assert.equal(range.at(65_534), 'fd00:10:96::ffff');
  assert.equal(range.has('fd00:10:96::abcd'), true);
  assert.equal(range.has('fd00:10:97::1'), false);
});

test('parseAddressRange() bounds ranges that nobody fills', () => {
  assert.equal(parseAddressRange('fd00::/64').size, 2 ** 20);
});

test('firstServiceAddress() is that of the kubernetes service', () => {
  assert.equal(firstServiceAddress('10.43.0.0/16'), '10.43.0.1');
});

for (const wrong of [
  '',
  '10.0.0.0',
  '10.0.0/24',
  '10.0.0.0/33',
  '10.0.0.0/31',
  'a::b::c/64',
  'x/8',
]) {
  test(`parseAddressRange() refuses ${JSON.stringify(wrong)}`, () => {
    assert.throws(() => parseAddressRange(wrong), /is no range of service addresses/);
  });
}
