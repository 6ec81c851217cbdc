import assert from 'node:assert/strict';
import { type Socket, connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { servePod } from '../../test/pod-server.ts';
import type { SmallServer } from '../../test/small-server.ts';
import { type Client, createClient } from '../client.ts';
import { buildTransport } from '../transport/build-transport.ts';
import { forwardPort } from './forward-port.ts';

const echo = (stream: Duplex): void => {
  stream.on('error', () => {}).pipe(stream);
};
const ports = (port: number): ((stream: Duplex) => void) | undefined =>
  port === 80 ? echo : undefined;

for (const knowsWebSocket of [true, false]) {
  const way = knowsWebSocket ? 'WebSocket' : 'SPDY';

  test(`forwardPort() over ${way} carries many connections over one`, async () => {
    await using server = await servePod({ ports, knowsWebSocket });
    await using open = connect(server);
    await using forward = await forwardPort(open.client, 'web-0', 80);
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(50_000));
    const answers = await Promise.all(texts.map((text) => ask(forward.localPort, text)));
    assert.ok(answers.every((answer, index) => answer === texts[index]));
    assert.equal(server.asked.length, knowsWebSocket ? 1 : 2);
  });

  test(`forwardPort() over ${way} opens another way when the first is lost`, async () => {
    await using server = await servePod({ ports, knowsWebSocket });
    await using open = connect(server);
    await using forward = await forwardPort(open.client, 'web-0', 80);
    const held = connectTcp(forward.localPort, '127.0.0.1').on('error', () => {});
    held.write('x');
    await new Promise((resolve) => held.once('data', resolve));
    server.cut();
    await new Promise((resolve) => held.once('close', resolve));
    assert.equal(await ask(forward.localPort, 'again'), 'again');
  });
}

test('forwardPort() lets one connection fail and the others go on', async () => {
  await using server = await servePod({ ports });
  await using open = connect(server);
  const failures: unknown[] = [];
  const onConnectionFailed = (failure: unknown): void => void failures.push(failure);
  await using deaf = await forwardPort(open.client, 'web-0', 81, { onConnectionFailed });
  assert.equal(await ask(deaf.localPort, 'anybody?'), '');
  assert.match(String(failures[0]), /port 81: nobody listens on port 81/);
  assert.equal(await ask(deaf.localPort, 'anybody?'), '');
  assert.equal(failures.length, 2);
  assert.equal(server.asked.length, 1);
});

test('forwardPort() goes on after a connection was cut in the middle of a download', async () => {
  const flood = (stream: Duplex): void => {
    const more = (): void => {
      while (!stream.destroyed && stream.write(new Uint8Array(64 * 1024)));
    };
    stream.on('error', () => {}).on('drain', more);
    more();
  };
  await using server = await servePod({ ports: (port) => (port === 80 ? flood : undefined) });
  await using open = connect(server);
  const failures: unknown[] = [];
  const onConnectionFailed = (failure: unknown): void => void failures.push(failure);
  await using forward = await forwardPort(open.client, 'web-0', 80, { onConnectionFailed });
  for (let round = 0; round < 5; round++) {
    const socket = connectTcp(forward.localPort, '127.0.0.1').on('error', () => {});
    await new Promise((resolve) => socket.once('data', resolve));
    socket.resetAndDestroy();
    await new Promise((resolve) => socket.once('close', resolve));
  }
  assert.deepEqual(failures, []);
  assert.equal(server.asked.length, 1);
});

test('forwardPort() throws the refusal of the server', async () => {
  await using server = await servePod({ refusal: { status: 403, body: '' } });
  await using open = connect(server);
  await assert.rejects(forwardPort(open.client, 'web-0', 80), { name: 'ApiError', code: 403 });
});

test('forwardPort() stops when its signal aborts', async () => {
  await using server = await servePod({ ports });
  await using open = connect(server);
  const abort = new AbortController();
  const { signal } = abort;
  const forward = await forwardPort(open.client, 'web-0', 80, { signal });
  const held = connectTcp(forward.localPort, '127.0.0.1').on('error', () => {});
  held.write('x');
  await new Promise((resolve) => held.once('data', resolve));
  const closed = new Promise((resolve) => held.once('close', resolve));
  abort.abort();
  await closed;
});

async function ask(port: number, text: string): Promise<string> {
  const socket: Socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {}).end(text);
  let answer = '';
  try {
    for await (const chunk of socket) answer += String(chunk);
  } catch {
    return answer;
  }
  return answer;
}

function connect(server: SmallServer): AsyncDisposable & { client: Client } {
  const clock = new ManualClock();
  const random = seededRandom(1);
  const transport = buildTransport(server.target, { clock, random });
  const { send, upgrade } = transport;
  return {
    client: createClient({ transport: send, upgrade, clock, random }),
    [Symbol.asyncDispose]: () => transport.close(),
  };
}
