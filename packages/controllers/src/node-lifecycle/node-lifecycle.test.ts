import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lease } from '@fairway/kinds/coordination/v1';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import { startRunningCluster } from '../../test/running-cluster.ts';

const ready = (status: string): object => ({ conditions: [{ type: 'Ready', status }] });

test('a node is tainted as it says that it is, and given up when it falls silent', async (t) => {
  await using cluster = await startRunningCluster({ controllers: ['node-lifecycle-controller'] });
  const { client, server } = cluster;
  const taints = async (): Promise<readonly string[]> => {
    const { spec } = await client.get(Node, 'n');
    return (spec?.taints ?? [])
      .map(({ key, effect }) => `${key.split('/')[1]}:${effect}`)
      .toSorted();
  };
  const say = (status: object): Promise<Node> =>
    client.subresource(Node, 'n', 'status').patch({ strategic: { status } });
  // While no node answers at all, none is emptied.
  const beat = async (): Promise<void> => {
    const lastHeartbeatTime = formatTime(server.clock.now());
    const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime }];
    await client
      .subresource(Node, 'other', 'status')
      .patch({ strategic: { status: { conditions } } });
  };
  await client.create(Node, { metadata: { name: 'other' } });
  await beat();
  await client.create(Node, { metadata: { name: 'n' }, status: ready('False') });

  await t.test('not ready: pods do not come, and go', async () => {
    const wanted = ['not-ready:NoExecute', 'not-ready:NoSchedule'];
    await cluster.until('two taints', async () => String(await taints()) === String(wanted));
  });

  await t.test('ready: no taint is left', async () => {
    await say(ready('True'));
    await cluster.until('no taint', async () => (await taints()).length === 0);
  });

  await t.test('cordoned, and under pressure: nothing new comes', async () => {
    await client.patch(Node, 'n', { merge: { spec: { unschedulable: true } } });
    await say({ conditions: [{ type: 'MemoryPressure', status: 'True' }] });
    const wanted = ['memory-pressure:NoSchedule', 'unschedulable:NoSchedule'];
    await cluster.until('two taints', async () => String(await taints()) === String(wanted));
    await client.patch(Node, 'n', { merge: { spec: { unschedulable: null } } });
    await say({ conditions: [{ type: 'MemoryPressure', status: 'False' }] });
    await cluster.until('no taint', async () => (await taints()).length === 0);
  });

  await t.test('silent for 50 s: unreachable, and its pods are not ready', async () => {
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
    await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
      body: account,
    });
    await client.create(Pod, { metadata: { name: 'p' }, spec });
    await client.subresource(Pod, 'p', 'status').patch({ strategic: { status: ready('True') } });
    const where = { name: 'n', namespace: 'kube-node-lease' };
    await client.create(Lease, {
      metadata: where,
      spec: { renewTime: '2026-01-01T00:00:00.000001Z' },
    });
    await beat();
    await server.clock.advance(49_000);
    await beat();
    assert.deepEqual(await taints(), []);
    const unreachable = ['unreachable:NoExecute', 'unreachable:NoSchedule'];
    await cluster.until('given up', async () => String(await taints()) === String(unreachable));
    const { status } = await client.get(Node, 'n');
    assert.equal(status?.conditions?.[0]?.reason, 'NodeStatusUnknown');
    const isReady = async (): Promise<string | undefined> =>
      (await client.get(Pod, 'p')).status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    await cluster.until('its pod is not ready', async () => (await isReady()) === 'False');
  });

  await t.test('heard again: it is as it says', async () => {
    const lastHeartbeatTime = '2026-01-01T00:05:00Z';
    await say({ conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime }] });
    await cluster.until('no taint', async () => (await taints()).length === 0);
  });
});
