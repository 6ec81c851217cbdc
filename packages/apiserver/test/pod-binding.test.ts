import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const place = '/api/v1/namespaces/default';
const image = 'registry.example/app:1';

async function addPod(server: TestServer, name: string, more: object = {}): Promise<string> {
  const spec = { automountServiceAccountToken: false, containers: [{ name: 'app', image }] };
  const body = { metadata: { name }, spec: { ...spec, ...more } };
  const { json } = await server.expect(201, 'POST', `${place}/pods`, { body });
  return json.metadata.uid ?? '';
}

function to(node: string, metadata: object): { readonly body: object } {
  return { body: { metadata, target: { kind: 'Node', name: node } } };
}

test('a binding gives a pod its node', async (t) => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
  const at = (name: string): string => `${place}/pods/${name}/binding`;

  await t.test('with a condition, what it says of the pod, and no new generation', async () => {
    await addPod(server, 'web');
    const metadata = { name: 'web', labels: { a: 'b' }, annotations: { c: 'd' } };
    const { json } = await server.expect(201, 'POST', at('web'), to('n1', metadata));
    assert.deepEqual(json, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      code: 201,
    });
    const { json: pod } = await server.expect(200, 'GET', `${place}/pods/web`);
    assert.equal(pod['spec'].nodeName, 'n1');
    assert.deepEqual(pod.metadata.labels, { a: 'b' });
    assert.deepEqual(pod.metadata.annotations, { c: 'd' });
    assert.equal(pod.metadata.generation, 1);
    assert.deepEqual(pod['status'].conditions, [
      {
        type: 'PodScheduled',
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: pod.metadata.creationTimestamp,
      },
    ]);
    const again = await server.expect(409, 'POST', at('web'), to('n2', { name: 'web' }));
    assert.equal(
      again.json.message,
      'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "n1"',
    );
  });

  await t.test('through the old collection of bindings too', async () => {
    await addPod(server, 'old');
    await server.expect(201, 'POST', `${place}/bindings`, to('n1', { name: 'old' }));
    const { json } = await server.expect(200, 'GET', `${place}/pods/old`);
    assert.equal(json['spec'].nodeName, 'n1');
    const absent = await server.expect(404, 'POST', `${place}/bindings`, to('n1', { name: 'no' }));
    assert.equal(absent.json.message, 'pods "no" not found');
  });

  await t.test('in a dry run it does not', async () => {
    await addPod(server, 'dry');
    await server.expect(201, 'POST', `${at('dry')}?dryRun=All`, to('n1', { name: 'dry' }));
    const { json } = await server.expect(200, 'GET', `${place}/pods/dry`);
    assert.equal(json['spec'].nodeName, undefined);
  });

  await t.test('only the pod that it was made for', async () => {
    const uid = await addPod(server, 'new');
    const other = await server.expect(409, 'POST', at('new'), to('n1', { name: 'new', uid: 'u' }));
    assert.match(other.json.message, /on pods "new": StorageError: .*UID in precondition: u, UID/);
    const older = to('n1', { name: 'new', uid, resourceVersion: '1' });
    const stale = await server.expect(409, 'POST', at('new'), older);
    assert.match(stale.json.message, /ResourceVersion in precondition: 1, ResourceVersion in/);
    await server.expect(201, 'POST', at('new'), to('n1', { name: 'new', uid }));
  });

  await t.test('not one that is gated or going away', async () => {
    await addPod(server, 'gated', { schedulingGates: [{ name: 'example.com/wait' }] });
    const gated = await server.expect(409, 'POST', at('gated'), to('n1', { name: 'gated' }));
    assert.match(gated.json.message, /: pod gated has non-empty \.spec\.schedulingGates$/);
    await addPod(server, 'held');
    const headers = { 'content-type': 'application/merge-patch+json' };
    const body = { metadata: { finalizers: ['example.com/hold'] } };
    await server.expect(200, 'PATCH', `${place}/pods/held`, { headers, body });
    await server.expect(200, 'DELETE', `${place}/pods/held`);
    const held = await server.expect(409, 'POST', at('held'), to('n1', { name: 'held' }));
    assert.match(held.json.message, /: pod held is being deleted, cannot be assigned to a host$/);
  });

  await t.test('nothing but a node, and to the pod of the path', async () => {
    const bad = { metadata: { name: 'web' }, target: { kind: 'Pod' } };
    const { json } = await server.expect(500, 'POST', at('web'), { body: bad });
    assert.equal(
      json.message,
      '[target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]',
    );
    await server.expect(400, 'POST', at('web'), to('n1', { name: 'other' }));
    await server.expect(400, 'POST', at('web'), to('n1', { name: 'web', namespace: 'other' }));
  });

  await t.test('whose zone and region become labels of the pod', async () => {
    const zone = { 'topology.kubernetes.io/zone': 'z1' };
    const labels = { ...zone, 'kubernetes.io/hostname': 'n3' };
    await server.expect(201, 'POST', '/api/v1/nodes', {
      body: { metadata: { name: 'n3', labels } },
    });
    await addPod(server, 'zoned');
    await server.expect(201, 'POST', at('zoned'), to('n3', { name: 'zoned' }));
    await addPod(server, 'placed', { nodeName: 'n3' });
    for (const name of ['zoned', 'placed']) {
      const { json } = await server.expect(200, 'GET', `${place}/pods/${name}`);
      assert.deepEqual(json.metadata.labels, zone, name);
    }
  });
});
