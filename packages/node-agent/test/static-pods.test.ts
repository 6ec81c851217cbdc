import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { WorkedNode } from './worked-node.ts';

const manifest = (image = 'web:1'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image }], terminationGracePeriodSeconds: 5 },
});

const running = 'Running app:running(ready)';

test('a pod of a file runs, and the API shows it', async () => {
  await using node = await WorkedNode.open();
  node.manifests.write('web.json', manifest());
  assert.equal(await node.state('web-n1'), running);
  const { metadata, spec, status } = (await node.pod('web-n1')) ?? {};
  const { annotations = {}, ownerReferences, labels } = metadata ?? {};
  assert.equal(annotations['kubernetes.io/config.source'], 'file');
  assert.equal(annotations['kubernetes.io/config.seen'], '2026-01-01T00:00:00Z');
  const hash = annotations['kubernetes.io/config.hash'] ?? '';
  assert.match(hash, /^[0-9a-f]{32}$/);
  assert.equal(annotations['kubernetes.io/config.mirror'], hash);
  assert.deepEqual(labels, { app: 'web' });
  const { uid = '' } = (await node.client.get(Node, 'n1')).metadata ?? {};
  assert.deepEqual(ownerReferences, [
    { apiVersion: 'v1', kind: 'Node', name: 'n1', uid, controller: true },
  ]);
  assert.equal(spec?.nodeName, 'n1');
  assert.equal(status?.qosClass, 'BestEffort');
  assert.deepEqual(status?.podIPs, [{ ip: '10.0.0.1' }]);
  assert.deepEqual(node.runtime.calls, ['start sandbox web-n1/0', 'start app/0']);
  assert.deepEqual(node.warnings, []);
});

test('who deletes a mirror pod gets another one, and nothing of the pod ends', async () => {
  await using node = await WorkedNode.open();
  node.manifests.write('web.json', manifest());
  await node.state('web-n1');
  const before = await node.pod('web-n1');
  await node.client.delete(Pod, 'web-n1');
  assert.equal(await node.state('web-n1'), running);
  assert.notEqual((await node.pod('web-n1'))?.metadata?.uid, before?.metadata?.uid);
  assert.deepEqual(node.runtime.calls, ['start sandbox web-n1/0', 'start app/0']);
});

test('a file that changes ends its pod before the next one begins', async () => {
  await using node = await WorkedNode.open();
  node.manifests.write('web.json', manifest());
  await node.state('web-n1');
  node.manifests.write('web.json', manifest('web:2'));
  assert.equal(await node.state('web-n1'), running);
  assert.equal((await node.pod('web-n1'))?.spec?.containers[0]?.image, 'web:2');
  assert.deepEqual(node.runtime.calls, [
    'start sandbox web-n1/0',
    'start app/0',
    'stop app in 5000',
    'stop sandbox s1',
    'remove sandbox s1',
    'start sandbox web-n1/0',
    'start app/0',
  ]);
});

test('a file that is as it was before its pod has ended begins it again', async () => {
  await using node = await WorkedNode.open();
  node.runtime.script('app', { isDeaf: true });
  node.manifests.write('web.json', manifest());
  await node.state('web-n1');
  node.manifests.remove('web.json');
  await node.clock.advance(1_000);
  node.manifests.write('web.json', manifest());
  await node.clock.advance(10_000);
  assert.equal(await node.state('web-n1'), running);
  assert.equal(node.runtime.calls.filter((each) => each === 'start app/0').length, 2);
});

test('a pod ends with its file, also where nothing tells that it is gone', async () => {
  await using node = await WorkedNode.open();
  node.manifests.write('web.json', manifest());
  await node.state('web-n1');
  node.manifests.isSilent = true;
  node.manifests.remove('web.json');
  assert.equal(await node.state('web-n1'), running);
  await node.clock.advance(20_000);
  assert.equal(await node.state('web-n1'), 'gone');
  assert.ok(node.runtime.isEmpty);
  assert.deepEqual([...node.mounted], []);
});

test('a pod of a file runs while the API is away, which is shown it later', async () => {
  await using node = await WorkedNode.open();
  node.isApiAway = true;
  node.manifests.write('web.json', manifest());
  await node.clock.advance(1_000);
  node.runtime.exit('app', 1);
  await node.clock.advance(15_000);
  assert.equal(await node.state('web-n1'), 'gone');
  assert.equal(node.runtime.runs('app')[0]?.attempt, 1);
  node.isApiAway = false;
  await node.clock.advance(30_000);
  assert.equal(await node.state('web-n1'), running);
  const { status } = (await node.pod('web-n1')) ?? {};
  assert.equal(status?.containerStatuses?.[0]?.restartCount, 1);
  assert.equal(status?.startTime, '2026-01-01T00:00:00Z');
});

test('an agent that begins anew goes on with the pods of its files', async () => {
  await using node = await WorkedNode.open();
  node.manifests.write('web.json', manifest());
  await node.state('web-n1');
  await node.restart();
  await node.clock.advance(5_000);
  assert.equal(await node.state('web-n1'), running);
  assert.deepEqual(node.runtime.calls, ['start sandbox web-n1/0', 'start app/0']);
  await node.stop();
  node.manifests.remove('web.json');
  await node.begin();
  await node.clock.advance(5_000);
  assert.equal(await node.state('web-n1'), 'gone');
  assert.ok(node.runtime.isEmpty);
});

test('a manifest that cannot be used is told of once, and changes nothing else', async () => {
  await using node = await WorkedNode.open();
  node.manifests.write('web.json', manifest());
  node.manifests.write('other.json', { ...manifest(), metadata: { name: 'other' } });
  await node.state('web-n1');
  node.manifests.write('web.json', { ...manifest(), kind: 'Deployment' });
  node.manifests.write('web-again.json', { ...manifest(), metadata: { name: 'other' } });
  await node.clock.advance(60_000);
  assert.equal(await node.state('web-n1'), running);
  assert.equal(await node.state('other-n1'), running);
  const told = node.warnings.map(({ file, problem }) => `${String(file)}: ${String(problem)}`);
  assert.deepEqual(told.sort(), [
    '/manifests/web-again.json: another file has a pod that is called default/other-n1 too: rename one of them',
    '/manifests/web.json: it holds apiVersion "v1", kind "Deployment": only a Pod, of apiVersion "v1", runs from a file',
  ]);
});
