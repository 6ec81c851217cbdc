import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { admin } from '@fairway/apiserver/testing';
import type { Logger } from '@fairway/host';
import { settle } from '@fairway/host/testing';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { ConfigMap, configMap, startTestCluster } from '../../test/test-cluster.ts';
import { EventLane } from './event-lane.ts';
import { type EventRecorder, createEventRecorder } from './event-recorder.ts';

interface Event extends KubernetesObject {
  readonly type: string;
  readonly message: string;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly source: object;
  readonly reportingComponent: string;
  readonly reportingInstance: string;
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

test('createEventRecorder() writes what client-go writes', async () => {
  await using cluster = await startTestCluster();
  const { client, signal, server } = cluster;
  const object = await client.create(ConfigMap, configMap('a'));
  const recorder = createEventRecorder({
    client,
    component: 'replicaset-controller',
    instance: 'host-1',
    signal,
  });
  const message = 'Created pod: web-x';
  recorder.record(ConfigMap, object, { type: 'Normal', reason: 'SuccessfulCreate', message });
  await server.clock.advance(2_000);
  const { uid = '', resourceVersion = '' } = object.metadata ?? {};
  const later = { ...object, metadata: { ...object.metadata, resourceVersion: '999' } };
  recorder.record(ConfigMap, later, { type: 'Normal', reason: 'SuccessfulCreate', message });
  await recorder.flushed();
  const { items } = await client.list(Event).all();
  assert.equal(items.length, 1);
  const [{ metadata, ...event }] = items as [Event];
  assert.match(metadata?.name ?? '', /^a\.[0-9a-f]{16}$/);
  assert.equal(metadata?.namespace, 'default');
  const seconds = (time: string): number => Date.parse(time) / 1000;
  assert.equal(seconds(event.lastTimestamp) - seconds(event.firstTimestamp), 2);
  const { firstTimestamp: _, lastTimestamp: __, ...rest } = event;
  assert.deepEqual(rest, {
    involvedObject: {
      kind: 'ConfigMap',
      namespace: 'default',
      name: 'a',
      uid,
      apiVersion: 'v1',
      resourceVersion,
    },
    reason: 'SuccessfulCreate',
    message,
    source: { component: 'replicaset-controller', host: 'host-1' },
    type: 'Normal',
    count: 2,
    eventTime: null,
    reportingComponent: 'replicaset-controller',
    reportingInstance: 'host-1',
  });
});

test('createEventRecorder() records about names that no event can have', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  const recorder = createEventRecorder({ client, component: 'tests', signal });
  const said = { type: 'Normal', reason: 'Made', message: 'made it' } as const;
  const names = ['system:role', 'a'.repeat(253)];
  for (const name of names) recorder.record(ConfigMap, { metadata: { name } }, said);
  await recorder.flushed();
  const { items } = await client.list(Event).all();
  assert.deepEqual(items.map((event) => event.involvedObject.name).sort(), names.toSorted());
});

test('createEventRecorder() gives up on answers that do not come, and drops what waits beyond its bound', async () => {
  await using cluster = await startTestCluster();
  const { server, signal } = cluster;
  let isDeaf = true;
  const created: string[] = [];
  const client = cluster.clientFor(admin, (next) => (request) => {
    if (isDeaf) return new Promise(() => {});
    if (request.method === 'POST') created.push(request.path);
    return next(request);
  });
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const logger: Logger = { debug() {}, info() {}, warn, error: warn };
  const recorder = createEventRecorder({ client, component: 'tests', signal, logger });
  const said = { type: 'Normal', reason: 'Made', message: 'made it' } as const;
  for (let at = 0; at < 1_010; at++) {
    recorder.record(ConfigMap, { metadata: { name: `of-${at}` } }, said);
  }
  assert.deepEqual(warnings, ['events are dropped']);
  await server.clock.advance(31_000);
  isDeaf = false;
  await server.clock.advance(10_000);
  await recorder.flushed();
  assert.equal(created.length, 1_000);
  recorder.record(ConfigMap, { metadata: { name: 'one-more' } }, said);
  await recorder.flushed();
  assert.equal(created.length, 1_001);
});

test('createEventRecorder() says what was refused, but not that a namespace is going', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  await client.create(Namespace, { metadata: { name: 'going' } });
  await client.delete(Namespace, 'going');
  const said: string[] = [];
  const logger: Logger = {
    debug: (_, fields) => void said.push(`debug ${String(fields?.['namespace'])}`),
    info() {},
    warn: (_, fields) => void said.push(`warn ${String(fields?.['namespace'])}`),
    error() {},
  };
  const text = { type: 'Normal', reason: 'Made', message: 'made it' } as const;
  const about = { metadata: { name: 'a', namespace: 'going' } };
  const refused = cluster.clientFor({ username: 'nobody', groups: [] });
  const recorder = createEventRecorder({ client, component: 'tests', signal, logger });
  recorder.record(ConfigMap, about, text);
  await recorder.flushed();
  const another = createEventRecorder({ client: refused, component: 'tests', signal, logger });
  another.record(ConfigMap, { metadata: { name: 'a', namespace: 'default' } }, text);
  await another.flushed();
  assert.deepEqual(said, ['debug going', 'warn default']);
});

const Namespace: ResourceDescriptor = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  isNamespaced: false,
};

test('createEventRecorder() tries twelve times while no server answers, and then goes on', async () => {
  await using cluster = await startTestCluster();
  const { server, signal } = cluster;
  let tries = 0;
  const client = cluster.clientFor(admin, (next) => (request) => {
    if (request.method !== 'POST' || tries >= 12) return next(request);
    tries += 1;
    throw new Error('nobody listens');
  });
  const recorder = createEventRecorder({ client, component: 'tests', signal });
  for (const message of ['lost', 'kept']) {
    recorder.record(
      ConfigMap,
      { metadata: { name: 'a' } },
      { type: 'Normal', reason: 'Made', message },
    );
  }
  await settle();
  await server.clock.advance(121_000);
  await recorder.flushed();
  const { items } = await cluster.client.list(Event).all();
  assert.deepEqual(
    items.map(({ message }) => message),
    ['kept'],
  );
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

test('createEventRecorder() sends what waits when the signal aborts, and takes no more', async () => {
  await using cluster = await startTestCluster();
  const { server } = cluster;
  const { signal, stop } = stoppable();
  let isAway = true;
  const client = cluster.clientFor(admin, (next) => (request) => {
    if (isAway) throw new Error('nobody listens');
    return next(request);
  });
  const recorder = createEventRecorder({ client, component: 'tests', signal });
  for (const message of ['one', 'two']) record(recorder, message);
  await settle();
  isAway = false;
  stop();
  record(recorder, 'too late');
  await recorder.flushed();
  const { items } = await cluster.client.list(Event).all();
  assert.deepEqual(items.map(({ message }) => message).sort(), ['one', 'two']);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  await server.clock.advance(10_000);
});

test('createEventRecorder() gives up three seconds after the signal has aborted', async () => {
  await using cluster = await startTestCluster();
  const { clock } = cluster.server;
  const { signal, stop } = stoppable();
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const logger: Logger = { debug() {}, info() {}, warn, error: warn };
  const client = cluster.clientFor(admin, () => () => new Promise(() => {}));
  const recorder = createEventRecorder({ client, component: 'tests', signal, logger });
  for (const message of ['one', 'two']) record(recorder, message);
  let isFlushed = false;
  const flushed = recorder.flushed().then(() => (isFlushed = true));
  stop();
  await clock.advance(2_900);
  assert.equal(isFlushed, false);
  await clock.advance(200);
  await flushed;
  assert.deepEqual(warnings, ['events are lost: they could not be sent before the end']);
});

test('recorders of one lane send eight events at a time, and each its own in order', async () => {
  await using cluster = await startTestCluster();
  const { signal } = cluster;
  const held: (() => void)[] = [];
  const client = cluster.clientFor(admin, (next) => async (request) => {
    await new Promise<void>((resolve) => held.push(resolve));
    return next(request);
  });
  const lane = new EventLane();
  const recorders = Array.from({ length: 10 }, (_, at) =>
    createEventRecorder({ client, component: `node-${at}`, signal, lane }),
  );
  for (const recorder of recorders) for (const message of ['1', '2']) record(recorder, message);
  const flushed = Promise.all(recorders.map((recorder) => recorder.flushed()));
  for (let sent = 0; sent < 20; sent++) {
    await settle();
    assert.equal(held.length, Math.min(8, 20 - sent));
    held.shift()?.();
  }
  await flushed;
  const { items } = await cluster.client.list(Event).all();
  const said = items.map(({ reportingComponent, message }) => `${reportingComponent} ${message}`);
  assert.equal(new Set(said).size, 20);
  for (const { reportingComponent } of items) {
    const own = items.filter((each) => each.reportingComponent === reportingComponent);
    const [first, second] = own.sort((one, other) => versionOf(one) - versionOf(other));
    assert.deepEqual([first?.message, second?.message], ['1', '2']);
  }
});

function versionOf({ metadata }: Event): number {
  return Number(metadata?.resourceVersion);
}

function stoppable(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const stopping = new AbortController();
  return { signal: stopping.signal, stop: () => stopping.abort() };
}

function record(recorder: EventRecorder, message: string): void {
  const object = { metadata: { name: 'a' } };
  recorder.record(ConfigMap, object, { type: 'Normal', reason: 'Made', message });
}
