import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { pem } from '../test/fake-machine.ts';
import { type ExplicitTarget, explicitTarget } from './explicit-target.ts';

const clock = new ManualClock();

test('explicitTarget() describes a cluster with its own way of getting tokens', async () => {
  const certificateAuthority = pem('CERTIFICATE', 'ca');
  const target = explicitTarget(clock, {
    server: ['https://a/', 'https://b', 'https://a'],
    certificateAuthority,
    credentials: async () => ({ token: 'minted' }),
  });
  assert.equal(target.server, 'https://a');
  assert.deepEqual(target.servers, ['https://a', 'https://b']);
  assert.equal(target.namespace, 'default');
  assert.equal(await target.trust.certificateAuthority(), certificateAuthority);
  assert.equal((await target.credentials.current()).authorization?.reveal(), 'Bearer minted');
});

test('explicitTarget() goes to a plain server without credentials', async () => {
  const target = explicitTarget(clock, { server: 'localhost:8001' });
  assert.equal(target.server, 'http://localhost:8001');
  assert.deepEqual(await target.credentials.current(), {});
});

test('explicitTarget() refuses what cannot be meant', () => {
  const cases: [ExplicitTarget, RegExp][] = [
    [{ server: 'ftp://a' }, /"ftp:\/\/a" is no http or https URL/],
    [{ server: [] }, /at least one address/],
    [{ server: 'https://a', certificateAuthority: '/ca.crt' }, /give the text, not a path/],
    [
      { server: 'https://a', certificateAuthority: pem('CERTIFICATE', 'a'), isInsecure: true },
      /exclude each other/,
    ],
    [{ server: 'http://a', token: 't' }, /in the clear; use an https address/],
    [{ server: 'https://a', token: 't', credentials: async () => ({}) }, /give one/],
  ];
  for (const [options, expected] of cases) {
    assert.throws(() => explicitTarget(clock, options), expected);
  }
});
