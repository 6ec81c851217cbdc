import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import { type HttpRequest, collectBody } from '@fairway/protocol';
import { AuditEvent } from './audit-event.ts';
import type { AuditBackend } from './audit-backend.ts';
import { type BatchOptions, BatchedEvents } from './batched-events.ts';
import { sendToWebhook } from './send-to-webhook.ts';
import { truncateEvents } from './truncated-events.ts';

function event(id: number | string, objects = ''): AuditEvent {
  return new AuditEvent({
    stage: 'ResponseComplete',
    about: `"auditID":"${id}"`,
    objects,
    times: '',
    annotations: new Map(),
    legacyLine: () => '',
  });
}

function openBatches(options: Partial<BatchOptions>) {
  const clock = new ManualClock();
  const sent: string[][] = [];
  const lost: number[] = [];
  let gate: Promise<void> = Promise.resolve();
  const batches = new BatchedEvents(
    { bufferEventsMax: 100, batchEventsMax: 10, batchWaitMs: 1_000, sendingMax: 1, ...options },
    {
      clock,
      plugin: 'webhook',
      lostEvents: { lost: (_plugin, count) => void lost.push(count) },
      send: async (events) => {
        sent.push(events.map(({ fields }) => fields));
        await gate;
      },
      close: async () => {},
    },
  );
  const take = (count: number): void => {
    for (let at = 0; at < count; at++) batches.take(event(at));
  };
  const block = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return () => {
      gate = Promise.resolve();
      resolve();
    };
  };
  return { batches, clock, sent, lost, take, block, sizes: () => sent.map(({ length }) => length) };
}

test('a batch is sent when it is full, or has waited', async () => {
  const { take, clock, sizes, batches } = openBatches({});
  take(12);
  await settle();
  assert.deepEqual(sizes(), [10]);
  await clock.advance(999);
  assert.deepEqual(sizes(), [10]);
  await clock.advance(1);
  assert.deepEqual(sizes(), [10, 2]);
  await batches[Symbol.asyncDispose]();
  assert.equal(clock.pending, 0);
});

test('so many events wait, and more are lost and counted', async () => {
  const { take, sizes, lost, block, batches } = openBatches({ bufferEventsMax: 20 });
  const release = block();
  take(35);
  await settle();
  // Ten are on their way, and twenty wait.
  assert.deepEqual([sizes(), lost.length], [[10], 5]);
  release();
  await batches[Symbol.asyncDispose]();
  assert.deepEqual(sizes(), [10, 10, 10]);
});

test('a throttle lets so many batches a second pass', async () => {
  const { take, clock, sizes, batches } = openBatches({
    batchEventsMax: 1,
    throttle: { perSecond: 2, burst: 3 },
  });
  take(6);
  await settle();
  assert.equal(sizes().length, 3);
  await clock.advance(500);
  assert.equal(sizes().length, 4);
  await clock.advance(1_000);
  assert.equal(sizes().length, 6);
  await batches[Symbol.asyncDispose]();
});

test('the end of a server sends what waits', async () => {
  const { take, sizes, batches, lost } = openBatches({});
  take(3);
  await batches[Symbol.asyncDispose]();
  assert.deepEqual(sizes(), [3]);
  take(1);
  assert.equal(lost.length, 1);
});

test('events without objects take the place of those that are too large', async () => {
  const taken: string[] = [];
  const lost: number[] = [];
  const backend: AuditBackend = {
    take: ({ fields }) => void taken.push(fields),
    [Symbol.asyncDispose]: async () => {},
  };
  const cut = truncateEvents(backend, {
    eventBytesMax: 100,
    plugin: 'log',
    lostEvents: { lost: (_plugin, count) => void lost.push(count) },
  });
  await cut.take(event('small', ',"requestObject":{}'));
  await cut.take(event('large', `,"requestObject":"${'é'.repeat(50)}"`));
  await cut.take(event('x'.repeat(200)));
  assert.deepEqual(taken, [
    '"auditID":"small","requestObject":{}',
    '"auditID":"large","annotations":{"audit.k8s.io/truncated":"true"}',
  ]);
  assert.deepEqual(lost, [1]);
});

function openWebhook(answers: readonly number[], listBytesMax?: number) {
  const clock = new ManualClock();
  const asked: { items: { auditID: string }[]; atMs: number; request: HttpRequest }[] = [];
  const stopping = new AbortController();
  const send = sendToWebhook({
    clock,
    random: { ...seededRandom(1), fraction: () => 0 },
    firstBackoffMs: 1_000,
    stopping: stopping.signal,
    ...(listBytesMax === undefined ? {} : { listBytesMax }),
    send: async (request) => {
      const list = JSON.parse(Buffer.from(await collectBody(request.body)).toString());
      asked.push({ ...list, atMs: clock.elapsed(), request });
      return { status: answers[asked.length - 1] ?? 200, headers: {}, body: undefined };
    },
  });
  return { clock, send, asked, stopping };
}

test('a webhook gets lists of events', async () => {
  const { send, asked } = openWebhook([]);
  await send([event('a'), event('b')]);
  const [{ atMs: _, request, ...list } = { request: undefined }] = asked;
  assert.deepEqual(list, {
    kind: 'EventList',
    apiVersion: 'audit.k8s.io/v1',
    metadata: {},
    items: [{ auditID: 'a' }, { auditID: 'b' }],
  });
  assert.equal(request?.headers['content-type'], 'application/json');
});

test('a list that is too large is sent as several', async () => {
  const { send, asked } = openWebhook([], 30);
  await send([event('a'), event('b'), event('c'), event('x'.repeat(100))]);
  assert.deepEqual(
    asked.map(({ items }) => items.map(({ auditID }) => auditID.slice(0, 1)).join('')),
    ['ab', 'c', 'x'],
  );
});

test('a webhook that fails is asked again after longer and longer, and given up then', async () => {
  const { send, asked, clock } = openWebhook([500, 429]);
  const sent = send([event('a')]);
  await clock.advance(10_000);
  await sent;
  assert.deepEqual(
    asked.map(({ atMs }) => atMs),
    [0, 1_000, 2_500],
  );
  const failing = openWebhook([500, 500, 500, 500, 500]);
  const refused = assert.rejects(failing.send([event('a')]), /the webhook has answered 500/);
  await failing.clock.advance(60_000);
  await refused;
  assert.equal(failing.asked.length, 5);
});

test('a server that stops does not wait for a webhook to be well again', async () => {
  const { send, stopping, clock } = openWebhook([500]);
  const sent = assert.rejects(send([event('a')]), /the webhook has answered 500/);
  await settle();
  stopping.abort();
  await sent;
  assert.equal(clock.pending, 0);
});
