import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { ConfigMap, configMap, startTestCluster } from '../test/test-cluster.ts';
import { createEventRecorder } from './event-recorder.ts';

interface Event extends KubernetesObject {
  readonly message: string;
  readonly count: number;
  readonly reason: string;
  readonly involvedObject: { readonly name: string; readonly uid: string };
}

const Event: ResourceDescriptor<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  isNamespaced: true,
};

test('createEventRecorder() sends events, and counts those that are the same', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  const object = await client.create(ConfigMap, configMap('a'));
  const recorder = createEventRecorder({ client, component: 'tests', signal });
  const said = { type: 'Normal', reason: 'Made', message: 'made it' } as const;
  for (let time = 0; time < 3; time++) recorder.record(ConfigMap, object, said);
  await recorder.flushed();
  const { items } = await client.list(Event).all();
  assert.equal(items.length, 1);
  const [event] = items;
  assert.deepEqual([event?.count, event?.message, event?.reason], [3, 'made it', 'Made']);
  assert.equal(event?.involvedObject.uid, object.metadata?.uid);
});

test('createEventRecorder() makes one of many that are alike, and drops more than 25 at once', async () => {
  await using cluster = await startTestCluster();
  const { client, server, signal } = cluster;
  const object = await client.create(ConfigMap, configMap('a'));
  const recorder = createEventRecorder({ client, component: 'tests', signal });
  const record = (at: number): void =>
    recorder.record(ConfigMap, object, { type: 'Warning', reason: 'Failed', message: `try ${at}` });
  for (let at = 0; at < 40; at++) record(at);
  await recorder.flushed();
  const messages = async (): Promise<string[]> =>
    (await client.list(Event).all()).items.map(({ message, count }) => `${message} ×${count}`);
  const first = await messages();
  assert.equal(first.length, 11);
  assert.ok(first.includes('(combined from similar events): try 24 ×15'), first.join('\n'));
  await server.clock.advance(300_000);
  record(40);
  record(41);
  await recorder.flushed();
  assert.ok((await messages()).includes('(combined from similar events): try 40 ×31'));
});

test('createEventRecorder() records anew when the event to repeat is gone', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  const object = await client.create(ConfigMap, configMap('a'));
  const recorder = createEventRecorder({ client, component: 'tests', signal });
  const said = { type: 'Normal', reason: 'Made', message: 'made it' } as const;
  recorder.record(ConfigMap, object, said);
  await recorder.flushed();
  await client.deleteCollection(Event);
  recorder.record(ConfigMap, object, said);
  await recorder.flushed();
  recorder.record(ConfigMap, object, said);
  await recorder.flushed();
  const { items } = await client.list(Event).all();
  assert.deepEqual(
    items.map(({ count }) => count),
    [2],
  );
});
