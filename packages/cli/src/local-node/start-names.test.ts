import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesAddress } from './start-names.ts';

test('names are asked for at the tenth address of services, where there is one', () => {
  assert.equal(namesAddress('10.0.0.0/24'), '10.0.0.10');
  assert.equal(namesAddress('10.96.0.0/12'), '10.96.0.10');
  assert.equal(namesAddress('10.0.0.16/28'), '10.0.0.26');
  assert.equal(namesAddress('10.0.0.0/29'), undefined);
  assert.equal(namesAddress('fd00::/108'), undefined);
});
