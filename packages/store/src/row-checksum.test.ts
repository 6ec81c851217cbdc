import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksumOf, emptySum, stateChecksum, withoutRow, withRow } from './row-checksum.ts';

const entry = {
  key: '/a',
  revision: 7,
  createRevision: 3,
  expiresAt: 1_000,
  value: Buffer.from('bc'),
};

test('checksumOf covers all that a row says, and where the key ends', () => {
  const others = [
    { ...entry, key: '/b' },
    { ...entry, revision: 8 },
    { ...entry, createRevision: 4 },
    { ...entry, expiresAt: 1_001 },
    { ...entry, value: Buffer.from('bd') },
    { ...entry, key: '/ab', value: Buffer.from('c') },
    { ...entry, revision: 71, createRevision: 3 },
  ];
  const checksums = [entry, ...others].map(checksumOf);
  assert.equal(new Set(checksums).size, checksums.length);
});

test('stateChecksum covers the revision and the sum, which rows enter and leave', () => {
  const one = withRow(emptySum, 0xffff_ffff);
  const two = withRow(one, 12);
  assert.deepEqual(withoutRow(two, 0xffff_ffff), withRow(emptySum, 12));
  const checksums = [
    stateChecksum(5, two),
    stateChecksum(6, two),
    stateChecksum(5, { ...two, count: 3 }),
    stateChecksum(5, { ...two, digest: 13 }),
  ];
  assert.equal(new Set(checksums).size, checksums.length);
});
