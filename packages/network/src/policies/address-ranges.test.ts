import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockRanges, formatAddresses, joined } from './address-ranges.ts';

const written = (cidr: string, ...except: readonly string[]): readonly string[] =>
  blockRanges(cidr, except).map(formatAddresses);

test('a network is a range, without the networks that are taken out of it', () => {
  assert.deepEqual(written('172.17.3.9/16'), ['172.17.0.0-172.17.255.255']);
  assert.deepEqual(written('0.0.0.0/0'), ['0.0.0.0-255.255.255.255']);
  assert.deepEqual(written('10.0.0.7/32'), ['10.0.0.7']);
  assert.deepEqual(written('172.17.0.0/16', '172.17.1.0/24'), [
    '172.17.0.0-172.17.0.255',
    '172.17.2.0-172.17.255.255',
  ]);
  assert.deepEqual(written('10.0.0.0/24', '10.0.0.0/25', '10.0.0.64/26', '10.0.0.128/32'), [
    '10.0.0.129-10.0.0.255',
  ]);
  assert.deepEqual(written('10.0.0.0/24', '10.0.0.0/16'), []);
  assert.deepEqual(written('10.0.0.0/24', '10.9.0.0/16', '2001:db8::/32'), ['10.0.0.0-10.0.0.255']);
});

test('what cannot be read lets nobody in', () => {
  for (const cidr of ['10.0.0.0', '10.0.0.0/33', '2001:db8::/32', '', '10.0.0.0/8\n}']) {
    assert.deepEqual(written(cidr), [], cidr);
  }
  assert.deepEqual(written('10.0.0.0/8', 'nothing'), []);
});

test('ranges that touch or overlap become one', () => {
  const ranges = [
    { first: 8, last: 9 },
    { first: 1, last: 5 },
    { first: 3, last: 4 },
    { first: 6, last: 6 },
  ];
  assert.deepEqual(joined(ranges), [
    { first: 1, last: 6 },
    { first: 8, last: 9 },
  ]);
});
