import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { resourceClaims, resourceSlices } from './resource-claims.ts';

test('resourceClaims show what has become of them', () => {
  const deleted = { deletionTimestamp: '2026-11-22T11:00:00Z' };
  const allocated = { allocation: {} };
  const shown = (status: object, metadata: object = {}) =>
    rowOf(resourceClaims, { metadata, status })['State'];
  equal(shown({}), 'pending');
  equal(shown({}, deleted), 'deleted');
  equal(shown(allocated), 'allocated');
  equal(shown({ ...allocated, reservedFor: [{}] }, deleted), 'deleted,allocated,reserved');
});

test('resourceSlices show which devices they are about', () => {
  const spec = { nodeName: 'n1', driver: 'gpu.example.org', pool: { name: 'p' } };
  const row = { Node: 'n1', Driver: 'gpu.example.org', Pool: 'p' };
  deepEqual(rowOf(resourceSlices, { spec }), row);
});
