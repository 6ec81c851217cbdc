import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { bootstrapTokenAuthenticator } from './bootstrap-token-authenticator.ts';
import { describeTokenAuthenticator } from '../conformance.ts';

const token = 'abcdef.0123456789abcdef';
const clock = new ManualClock(Date.UTC(2026, 0, 1));
const good = {
  'token-id': 'abcdef',
  'token-secret': '0123456789abcdef',
  expiration: '2026-01-01T00:00:01Z',
  'usage-bootstrap-authentication': 'true',
  'auth-extra-groups': 'system:bootstrappers:z,system:bootstrappers:kubeadm:default-node-token',
};

function authenticator(
  data: Readonly<Record<string, string>> = good,
  { type = 'bootstrap.kubernetes.io/token', metadata = {} } = {},
) {
  const encoded = Object.entries(data).map(([key, value]) => {
    return [key, Buffer.from(value).toString('base64')];
  });
  const secret = { type, metadata, data: Object.fromEntries(encoded) as Record<string, string> };
  return bootstrapTokenAuthenticator({
    clock,
    findSecret: async (name) => (name === 'bootstrap-token-abcdef' ? secret : undefined),
  });
}

describeTokenAuthenticator('bootstrapTokenAuthenticator()', () => ({
  authenticator: authenticator(),
  goodToken: token,
  audience: 'fairway',
}));

test('bootstrapTokenAuthenticator() knows who joins, and their groups', async () => {
  deepEqual(await authenticator()(token, []), {
    kind: 'authenticated',
    user: {
      username: 'system:bootstrap:abcdef',
      groups: [
        'system:bootstrappers',
        'system:bootstrappers:kubeadm:default-node-token',
        'system:bootstrappers:z',
      ],
    },
  });
  const { expiration: _, 'auth-extra-groups': __, ...least } = good;
  equal((await authenticator(least)(token, [])).kind, 'authenticated');
});

for (const [what, data, more] of [
  ['another secret', { 'token-secret': '0123456789abcdeg' }, {}],
  ['no secret', { 'token-secret': '' }, {}],
  ['another id', { 'token-id': 'abcdeg' }, {}],
  ['a time that is past', { expiration: '2026-01-01T00:00:00Z' }, {}],
  ['a time that is none', { expiration: 'soon' }, {}],
  ['another use', { 'usage-bootstrap-authentication': 'false' }, {}],
  ['a group of others', { 'auth-extra-groups': 'system:masters' }, {}],
  ['an empty group', { 'auth-extra-groups': 'system:bootstrappers:a,' }, {}],
  ['another type', {}, { type: 'Opaque' }],
  ['an end', {}, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
] as const) {
  test(`bootstrapTokenAuthenticator() refuses a secret with ${what}`, async () => {
    equal((await authenticator({ ...good, ...data }, more)(token, [])).kind, 'rejected');
  });
}
