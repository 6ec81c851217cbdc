import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TokenRequest } from '@fairway/kinds/authentication/v1';
import { ServiceAccount } from '@fairway/kinds/core/v1';
import { RoleBinding } from '@fairway/kinds/rbac/v1';
import type { ResourceDescriptor } from '@fairway/protocol';
import { ConfigMap, type TestCluster } from './test-cluster.ts';
import { type WiredCluster, startWiredCluster } from './wired-cluster.ts';

const protocols = ['HTTP/2 over TLS', 'plain HTTP/1.1'] as const;

for (const protocol of protocols) {
  test(`an informer survives resets, in the middle of a frame too (${protocol})`, async () => {
    await using wired = await startWiredCluster({ protocol });
    wired.wire.reset();
    await change(wired);
    await wired.untilEqual();
    for (const byteCount of [1, 40, 130, 500]) {
      wired.wire.resetAfter(byteCount);
      await change(wired);
      await wired.untilEqual();
    }
  });

  test(`an informer notices a connection that is only half open (${protocol})`, async () => {
    await using wired = await startWiredCluster({ protocol });
    wired.wire.freeze();
    await change(wired);
    await wired.untilEqual();
  });

  test(`an informer outlasts storms of 429 and 500 (${protocol})`, async () => {
    await using wired = await startWiredCluster({ protocol });
    for (const code of [429, 500, 503] as const) {
      wired.setFaults([{ kind: 'refuse', code, times: 12 }]);
      wired.wire.reset();
      await change(wired);
      await wired.untilEqual();
    }
  });

  test(`an informer starts over when its version has expired (${protocol})`, async () => {
    await using wired = await startWiredCluster({ protocol });
    wired.setFaults([
      { kind: 'error-event', afterEvents: 0, code: 410 },
      { kind: 'refuse', code: 410, times: 2 },
      { kind: 'error-event', afterEvents: 2, code: 410 },
    ]);
    wired.wire.reset();
    await change(wired);
    await wired.untilEqual();
    // The server itself says so, too: what happened since is compacted away.
    const { store } = wired.cluster.server;
    wired.setFaults([{ kind: 'unreachable', times: 2 }]);
    wired.wire.reset();
    for (let time = 0; time < 5; time++) await change(wired);
    await store.compact(await store.currentRevision());
    await wired.untilEqual();
  });

  test(`an informer lists anew when its pages expire one after the other (${protocol})`, async () => {
    await using wired = await startWiredCluster({ protocol, objectCount: 1_100 });
    const { store } = wired.cluster.server;
    const before = wired.asked.length;
    const compact = async (): Promise<void> => {
      await change(wired);
      await store.compact(await store.currentRevision());
    };
    wired.setFaults([
      // The version has expired, and a list cannot be streamed: it comes in pages.
      { kind: 'refuse', code: 410 },
      { kind: 'refuse', code: 500 },
      { kind: 'refuse', code: 410 },
      { kind: 'delay', delayMs: 100 },
      { kind: 'meanwhile', run: compact },
    ]);
    wired.wire.reset();
    await wired.untilEqual();
    const lists = wired.asked.slice(before).filter((query) => !query.includes('watch='));
    const [latest, first, second, whole] = lists.map((query) => new URLSearchParams(query));
    assert.match(latest?.get('resourceVersion') ?? '', /^\d+$/);
    assert.deepEqual([first?.get('limit'), first?.get('continue')], ['500', null]);
    assert.ok(second?.has('continue'));
    assert.deepEqual(
      [whole?.has('limit'), whole?.has('continue'), lists.length],
      [false, false, 4],
    );
  });

  test(`an informer finds the server again after a restart (${protocol})`, async () => {
    await using wired = await startWiredCluster({ protocol });
    const { clock } = wired.cluster.server;
    await wired.restart(async () => {
      await change(wired);
      await clock.advance(20_000);
    });
    await wired.untilEqual();
  });

  test(`an informer does not mind a clock that jumps (${protocol})`, async () => {
    await using wired = await startWiredCluster({ protocol });
    const { clock } = wired.cluster.server;
    for (const days of [1, -2, 400]) {
      clock.jump(days * 86_400_000);
      await change(wired);
      await wired.untilEqual();
      wired.wire.reset();
      clock.jump(-days * 86_400_000);
      await change(wired);
      await wired.untilEqual();
    }
  });
}

test('an informer goes on with another token when its own has expired', async () => {
  let minted = 0;
  await using wired = await startWiredCluster({
    protocol: 'HTTP/2 over TLS',
    mint: async (cluster) => {
      if (minted++ === 0) await makeAccount(cluster);
      return { token: await tokenOf(cluster) };
    },
  });
  assert.equal(minted, 1);
  await wired.cluster.server.clock.advance(1_300_000);
  wired.wire.reset();
  await change(wired);
  await wired.untilEqual();
  assert.ok(minted >= 2, `minted ${minted} tokens`);
});

/** Creates, changes and deletes. */
async function change({ cluster }: WiredCluster): Promise<void> {
  const { client, server } = cluster;
  const at = await server.store.currentRevision();
  await client.create(ConfigMap, { metadata: { name: `new-${at}`, labels: { part: 'chaos' } } });
  await client.patch(ConfigMap, 'c1', { merge: { data: { at: String(at) } } });
  if ((await client.find(ConfigMap, `new-${at - 3}`)) !== undefined) {
    await client.delete(ConfigMap, `new-${at - 3}`);
  }
}

const account = { name: 'watcher', namespace: 'default' };

async function makeAccount({ client }: TestCluster): Promise<void> {
  await client.create(ServiceAccount, { metadata: account });
  await client.create(RoleBinding, {
    metadata: { name: 'watcher', namespace: 'default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  });
}

async function tokenOf({ client }: TestCluster): Promise<string> {
  const request: TokenRequest = { spec: { audiences: [], expirationSeconds: 600 } };
  const { status } = await client
    .subresource(ServiceAccount as ResourceDescriptor<TokenRequest>, account.name, 'token')
    .create<TokenRequest>(request);
  return status?.token ?? '';
}
