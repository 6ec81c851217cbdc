import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeAddress, gatewayOf } from './pod-addresses.ts';

test('freeAddress() gives what nobody has, until nothing is left', () => {
  assert.equal(freeAddress('10.244.3.0/24', new Set()), '10.244.3.2');
  assert.equal(freeAddress('10.244.3.0/24', new Set(['10.244.3.2', '10.244.3.4'])), '10.244.3.3');
  assert.equal(freeAddress('10.0.0.248/29', new Set(['10.0.0.250'])), '10.0.0.251');
  const taken = new Set(['10.0.0.2']);
  assert.throws(
    () => freeAddress('10.0.0.0/30', taken),
    /all addresses of 10\.0\.0\.0\/30 are taken/,
  );
});

test('gatewayOf() is what freeAddress() never gives', () => {
  assert.equal(gatewayOf('10.244.3.0/24'), '10.244.3.1');
  assert.equal(gatewayOf('10.244.255.248/29'), '10.244.255.249');
});
