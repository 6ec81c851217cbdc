import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { admin, startTestServer } from '../src/testing.ts';

const events = '/api/v1/namespaces/default/events';

function eventNamed(name: string): object {
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'a' };
  return { metadata: { name }, involvedObject, reason: 'Tried', message: 'tried', type: 'Normal' };
}

test('events stay for as long as the server is told', async () => {
  await using server = await startTestServer({ eventsTimeToLiveMs: 120_000 });
  await server.expect(201, 'POST', events, { body: eventNamed('a') });
  await server.clock.advance(119_000);
  await server.expect(200, 'GET', `${events}/a`);
  await server.clock.advance(11_000);
  await settle();
  await server.expect(404, 'GET', `${events}/a`);
});

test('events stay for an hour where nobody says', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', events, { body: eventNamed('a') });
  await server.clock.advance(3_590_000);
  await server.expect(200, 'GET', `${events}/a`);
  await server.clock.advance(20_000);
  await settle();
  await server.expect(404, 'GET', `${events}/a`);
});

test('a request is answered in the time of the server, or in less where its caller says', async () => {
  await using server = await startTestServer({ requestTimeoutMs: 20_000 });
  const handler = server.api.handlerFor(admin);
  const ask = (query: string) => {
    const sent = Promise.withResolvers<void>();
    let status: number | undefined;
    const answered = handler({
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps',
      query,
      headers: { 'content-type': 'application/json' },
      body: slowBody(sent.promise),
      signal: new AbortController().signal,
    }).then((response) => (status = response.status));
    return { answered, sent, statusOf: () => status };
  };
  const all = { usual: ask(''), less: ask('timeout=5s'), more: ask('timeout=5m') };
  await settle();
  await server.clock.advance(5_000);
  assert.deepEqual([await all.less.answered, all.usual.statusOf()], [504, undefined]);
  await server.clock.advance(14_999);
  await settle();
  assert.equal(all.usual.statusOf(), undefined);
  await server.clock.advance(1);
  assert.deepEqual([await all.usual.answered, await all.more.answered], [504, 504]);
  const flags = await server.expect(200, 'GET', '/flagz', { headers: { accept: 'text/plain' } });
  assert.match(flags.text, /^request-timeout: 20s$/m);
  for (const { sent } of Object.values(all)) sent.resolve();
});

async function* slowBody(sent: Promise<void>): AsyncGenerator<Uint8Array> {
  await sent;
  yield Buffer.from('{}');
}

test('a watch whose caller says nothing lasts once to twice as long as the server is told', async () => {
  await using server = await startTestServer({ watchTimeoutMsMin: 60_000 });
  await using watch = await server.watch(`${events}?watch=true`);
  let isOver = false;
  const end = watch.next().then((event) => {
    isOver = true;
    return event;
  });
  await settle();
  await server.clock.advance(60_000);
  await settle();
  assert.ok(!isOver);
  await server.clock.advance(60_000);
  assert.equal(await end, undefined);
});

test('a server that is to end says that it is not ready, and goes on', async () => {
  await using server = await startTestServer();
  await server.expect(200, 'GET', '/readyz');
  server.api.announceEnd();
  const { text } = await server.expect(500, 'GET', '/readyz');
  assert.match(text, /\[-\]shutdown failed: reason withheld/);
  await server.expect(200, 'GET', '/livez');
  await server.expect(201, 'POST', events, { body: eventNamed('a') });
});
