import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGlobalAddress } from './global-address.ts';

test('isGlobalAddress() knows what leads to no other machine', () => {
  for (const address of ['10.244.0.2', '192.168.1.7', '8.8.8.8', 'fd00::7', '::ffff:10.0.0.1']) {
    assert.equal(isGlobalAddress(address), true, address);
  }
  for (const address of [
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    'localhost',
    '',
  ]) {
    assert.equal(isGlobalAddress(address), false, address);
  }
});
