import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '@fairway/client';
import { settle } from '@fairway/host/testing';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { type TestCluster, startTestCluster } from '../../test/test-cluster.ts';
import { LeadershipLostError, createLeaderElector } from './leader-elector.ts';

interface Lease extends KubernetesObject {
  readonly spec?: Readonly<Record<string, string | number>>;
}

const Lease: ResourceDescriptor<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  isNamespaced: true,
};
const lease = { namespace: 'default', name: 'operator' };

test('createLeaderElector() lets one lead, and the next one as soon as that gives the lease back', async () => {
  await using cluster = await startTestCluster();
  const a = candidate(cluster, 'a');
  await settle();
  const b = candidate(cluster, 'b');
  await cluster.server.clock.advance(30_000);
  assert.deepEqual([a.isLeading, b.isLeading], [true, false]);
  const held = await cluster.client.get(Lease, 'operator');
  assert.equal(held.spec?.['holderIdentity'], 'a');
  assert.match(String(held.spec?.['renewTime']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.equal(held.spec?.['leaseTransitions'], 0);
  a.stop();
  await a.ended;
  const released = await cluster.client.get(Lease, 'operator');
  assert.deepEqual(
    [released.spec?.['holderIdentity'], released.spec?.['leaseDurationSeconds']],
    ['', 1],
  );
  await cluster.server.clock.advance(5_000);
  assert.deepEqual([a.isLeading, b.isLeading], [false, true]);
  const taken = await cluster.client.get(Lease, 'operator');
  assert.equal(taken.spec?.['leaseTransitions'], 1);
  b.stop();
  await b.ended;
});

test('createLeaderElector() gives up before another can lead when it cannot renew', async () => {
  await using cluster = await startTestCluster();
  const { clock } = cluster.server;
  let isCut = false;
  const cutting = cluster.clientFor(
    { username: 'a', groups: ['system:masters'] },
    (next) => (request) => (isCut ? new Promise(() => {}) : next(request)),
  );
  const a = candidate(cluster, 'a', cutting);
  await settle();
  const b = candidate(cluster, 'b');
  await clock.advance(4_000);
  isCut = true;
  const lost = assert.rejects(a.ended, LeadershipLostError);
  for (let second = 0; second < 40; second++) {
    await clock.advance(1_000);
    assert.ok(!(a.isLeading && b.isLeading), `two lead after ${second} s`);
  }
  assert.deepEqual([a.isLeading, b.isLeading], [false, true]);
  await lost;
  b.stop();
  await b.ended;
});

test('problem() tells of a leader that has lost its lease and does not end', async () => {
  await using cluster = await startTestCluster();
  const { clock } = cluster.server;
  let isCut = false;
  const client = cluster.clientFor(
    { username: 'a', groups: ['system:masters'] },
    (next) => (request) => (isCut ? new Promise(() => {}) : next(request)),
  );
  const elector = createLeaderElector({ client, lease, identity: 'a' });
  const work = Promise.withResolvers<void>();
  const ended = assert.rejects(
    elector.run(() => work.promise, cluster.signal),
    LeadershipLostError,
  );
  await clock.advance(60_000);
  assert.equal(elector.problem({ toleranceMs: 0 }), undefined);
  isCut = true;
  await clock.advance(16_000);
  assert.equal(elector.problem(), undefined);
  assert.match(
    elector.problem({ toleranceMs: 0 }) ?? '',
    /lease default\/operator was not renewed/,
  );
  await clock.advance(20_000);
  assert.match(elector.problem() ?? '', /was not renewed for 3\d s/);
  isCut = false;
  work.resolve();
  await ended;
  assert.equal(elector.problem(), undefined);
});

test('createLeaderElector() trusts no clock of another machine', async () => {
  await using cluster = await startTestCluster();
  const { clock } = cluster.server;
  await cluster.client.create(Lease, {
    metadata: lease,
    spec: {
      holderIdentity: 'gone',
      leaseDurationSeconds: 15,
      acquireTime: '2099-01-01T00:00:00.000000Z',
      renewTime: '2099-01-01T00:00:00.000000Z',
      leaseTransitions: 3,
    },
  });
  const a = candidate(cluster, 'a');
  clock.jump(3_600_000);
  await clock.advance(14_000);
  assert.equal(a.isLeading, false);
  await clock.advance(6_000);
  assert.equal(a.isLeading, true);
  assert.equal((await cluster.client.get(Lease, 'operator')).spec?.['leaseTransitions'], 4);
  a.stop();
  await a.ended;
});

test('createLeaderElector() throws what the leader throws, and gives the lease back', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  const failing = async (): Promise<void> => {
    throw new RangeError('of the leader');
  };
  await assert.rejects(
    createLeaderElector({ client, lease, identity: 'a' }).run(failing, signal),
    RangeError,
  );
  assert.equal((await client.get(Lease, 'operator')).spec?.['holderIdentity'], '');
});

test('createLeaderElector() refuses times that do not go together', async () => {
  await using cluster = await startTestCluster();
  const options = { client: cluster.client, lease, identity: 'a' };
  const wrong = { ...options, leaseDurationMs: 10_000 };
  assert.throws(() => createLeaderElector(wrong), /must be more than/);
  assert.throws(() => createLeaderElector({ ...options, identity: '' }), /cannot be empty/);
});

function candidate(cluster: TestCluster, identity: string, client: Client = cluster.client) {
  const stopping = new AbortController();
  const state = { isLeading: false };
  const lead = (signal: AbortSignal): Promise<void> => {
    state.isLeading = true;
    return new Promise((resolve) =>
      signal.addEventListener('abort', () => {
        state.isLeading = false;
        resolve();
      }),
    );
  };
  const ended = createLeaderElector({ client, lease, identity }).run(lead, stopping.signal);
  return {
    get isLeading() {
      return state.isLeading;
    },
    ended,
    stop: () => stopping.abort(),
  };
}
