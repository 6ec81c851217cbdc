import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptProcess } from '@fairway/protocol/pods';
import { WebSocketDecoder, type WebSocketEvent, byteStreamPair } from '@fairway/protocol/streams';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import { type Program, servePod } from '../../test/pod-server.ts';
import { type SmallServer, relayTo } from '../../test/small-server.ts';
import { type Client, createClient } from '../client.ts';
import { buildTransport } from '../transport/build-transport.ts';
import { attach, exec } from './exec.ts';

const echo: Program = async ({ stdin, stdout, stderr, command }) => {
  let count = 0;
  for await (const bytes of stdin) {
    count += bytes.length;
    await stdout(bytes);
  }
  await stderr(`${count} bytes for ${command.join(' ')}\n`);
  return count === 0 ? 0 : 7;
};

for (const knowsWebSocket of [true, false]) {
  const way = knowsWebSocket ? 'WebSocket' : 'SPDY';

  test(`exec() over ${way} carries input, both outputs and the exit code`, async () => {
    await using server = await servePod({ program: echo, knowsWebSocket });
    await using open = connect(server);
    const process = await exec(open.client, 'web-0', { command: ['a', 'b c'], stdin: true });
    await process.stdin.write('hello ');
    await process.stdin.write(Buffer.from('wörld\n'));
    await process.stdin.end();
    assert.equal(await process.stdout.text(), 'hello wörld\n');
    assert.equal(await process.stderr.text(), '13 bytes for a b c\n');
    assert.deepEqual(await process.exited, { code: 7 });
    const path = '/api/v1/namespaces/default/pods/web-0/exec';
    const query = 'command=a&command=b%20c&stdin=true&stdout=true&stderr=true';
    assert.equal(server.requests[0], `GET ${path}?${query}`);
    const asked = ['websocket v5.channel.k8s.io', ...(knowsWebSocket ? [] : ['SPDY/3.1'])];
    assert.deepEqual(server.asked, asked);
  });

  for (const code of [0, 137]) {
    test(`exec() over ${way} answers exit code ${code}`, async () => {
      await using server = await servePod({ program: async () => code, knowsWebSocket });
      await using open = connect(server);
      const process = await exec(open.client, 'web-0', { command: ['x'], stderr: false });
      assert.deepEqual(await process.exited, { code });
      assert.equal(await process.stdout.text(), '');
    });
  }

  test(`exec() over ${way} holds a process back whose output nobody reads`, async () => {
    let sentBytes = 0;
    const flood: Program = async ({ stdout }) => {
      for (; sentBytes < 64 * 1024 * 1024; sentBytes += 32 * 1024) {
        await stdout(new Uint8Array(32 * 1024));
      }
      return 0;
    };
    await using server = await servePod({ program: flood, knowsWebSocket });
    await using open = connect(server);
    const process = await exec(open.client, 'web-0', { command: ['yes'], stderr: false });
    const outputs = process.stdout[Symbol.asyncIterator]();
    await outputs.next();
    let before = -1;
    while (before !== sentBytes) {
      before = sentBytes;
      for (let turn = 0; turn < 20; turn++) await settle();
    }
    assert.ok(sentBytes < 32 * 1024 * 1024, `${sentBytes} bytes were sent to nobody`);
    let readBytes = 32 * 1024;
    for (let next = await outputs.next(); next.done !== true; next = await outputs.next()) {
      readBytes += next.value.length;
    }
    assert.ok(readBytes >= 64 * 1024 * 1024);
    assert.deepEqual(await process.exited, { code: 0 });
  });

  test(`exec() over ${way} waits with input that the process does not read`, async () => {
    const wake = Promise.withResolvers<void>();
    const late: Program = async ({ stdin }) => {
      await wake.promise;
      let count = 0;
      for await (const bytes of stdin) count += bytes.length;
      return count === 48 * 1024 * 1024 ? 0 : 1;
    };
    await using server = await servePod({ program: late, knowsWebSocket });
    await using open = connect(server);
    const process = await exec(open.client, 'web-0', { command: ['x'], stdin: true });
    let sentBytes = 0;
    const sent = (async () => {
      for (; sentBytes < 48 * 1024 * 1024; sentBytes += 1024 * 1024) {
        await process.stdin.write(new Uint8Array(1024 * 1024));
      }
      await process.stdin.end();
    })();
    for (let before = -1; before !== sentBytes;) {
      before = sentBytes;
      for (let turn = 0; turn < 20; turn++) await settle();
    }
    assert.ok(sentBytes < 32 * 1024 * 1024, `${sentBytes} bytes went to nobody`);
    wake.resolve();
    await sent;
    assert.deepEqual(await process.exited, { code: 0 });
  });

  test(`exec() over ${way} resizes its terminal`, async () => {
    const tty: Program = async ({ sizes, stdin, stdout }) => {
      for await (const size of sizes) {
        await stdout(JSON.stringify(size));
        break;
      }
      for await (const _ of stdin);
      return 0;
    };
    await using server = await servePod({ program: tty, knowsWebSocket });
    await using open = connect(server);
    const options = { command: ['sh'], stdin: true, tty: true };
    const process = await exec(open.client, 'web-0', options);
    await process.resize({ width: 80, height: 24 });
    await settle();
    await process.stdin.write('x');
    await process.stdin.end();
    assert.equal(await process.stdout.text(), '{"width":80,"height":24}');
  });

  test(`exec() over ${way} says when the connection is cut before the process ended`, async () => {
    const started = Promise.withResolvers<void>();
    const hang: Program = async ({ stdout }) => {
      await stdout('begun\n');
      started.resolve();
      return await new Promise<number>(() => {});
    };
    await using server = await servePod({ program: hang, knowsWebSocket });
    await using open = connect(server);
    const process = await exec(open.client, 'web-0', { command: ['sleep'], stderr: false });
    const lines = process.stdout.lines()[Symbol.asyncIterator]();
    assert.deepEqual(await lines.next(), { done: false, value: 'begun' });
    await started.promise;
    server.cut();
    await assert.rejects(process.exited, Error);
    await assert.rejects(async () => await lines.next(), Error);
  });

  test(`exec() over ${way} ends with the reason of its signal`, async () => {
    await using server = await servePod({
      program: () => new Promise<number>(() => {}),
      knowsWebSocket,
    });
    await using open = connect(server);
    const abort = new AbortController();
    const process = await exec(open.client, 'web-0', { command: ['x'], signal: abort.signal });
    abort.abort(new Error('enough'));
    await assert.rejects(process.exited, /enough/);
  });
}

test('attach() connects to a process without a command', async () => {
  await using server = await servePod({ program: echo });
  await using open = connect(server);
  await using process = await attach(open.client, 'web-0', { container: 'main' });
  assert.deepEqual(await process.exited, { code: 0 });
  const path = '/api/v1/namespaces/default/pods/web-0/attach';
  assert.deepEqual(server.requests, [`GET ${path}?container=main&stdout=true&stderr=true`]);
});

test('exec() throws the Status of a server that refuses', async () => {
  const body = JSON.stringify({
    kind: 'Status',
    status: 'Failure',
    reason: 'Forbidden',
    code: 403,
    message: 'pods "web-0" is forbidden: no',
  });
  await using server = await servePod({ refusal: { status: 403, body } });
  await using open = connect(server);
  await assert.rejects(exec(open.client, 'web-0', { command: ['x'] }), {
    name: 'ApiError',
    code: 403,
    message: 'pods "web-0" is forbidden: no',
  });
  assert.equal(server.asked.length, 2);
});

test('exec() asks once when another way would be refused as well', async () => {
  await using server = await servePod({ refusal: { status: 404, body: '' } });
  await using open = connect(server);
  await assert.rejects(exec(open.client, 'no', { command: ['x'] }), {
    name: 'ApiError',
    code: 404,
  });
  assert.equal(server.asked.length, 1);
});

test('exec() gives up on a server that is silent', async () => {
  await using server = await servePod({ program: () => new Promise<number>(() => {}) });
  await using relay = await relayTo(server);
  await using open = connect(relay);
  const process = await exec(open.client, 'web-0', { command: ['x'] });
  relay.freeze();
  await open.clock.advance(70_000);
  await assert.rejects(process.exited, { name: 'ConnectionError', problem: 'timeout' });
});

for (const [what, bytes] of [
  ['a masked frame', [0x82, 0x81, 1, 2, 3, 4, 5]],
  ['a message beyond all bounds', [0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0]],
  ['a frame of no known kind', [0x83, 0]],
] as const) {
  test(`exec() ends at ${what}`, async () => {
    await using server = await servePod({ junk: Uint8Array.from(bytes) });
    await using open = connect(server);
    const process = await exec(open.client, 'web-0', { command: ['x'] });
    await assert.rejects(process.exited, { name: 'WebSocketError' });
    await assert.rejects(process.stdout.text(), { name: 'WebSocketError' });
  });
}

test('exec() ends with its signal also where no socket is cut', async () => {
  const client = createClient({
    clock: new ManualClock(),
    random: seededRandom(1),
    transport: () => assert.fail(),
    upgrade: async (request) =>
      acceptProcess(request, {
        clock: new ManualClock(),
        streams: { stdin: false, stdout: true, stderr: true, tty: false },
        program: () => new Promise(() => {}),
      }),
  });
  const stopping = new AbortController();
  const { signal } = stopping;
  const process = await exec(client, 'web-0', { command: ['x'], signal });
  stopping.abort(new Error('enough'));
  await assert.rejects(process.exited, /enough/);
});

test('exec() tells the server why it reads no further', async () => {
  const [stream, far] = byteStreamPair();
  const heard: WebSocketEvent[] = [];
  const client = createClient({
    clock: new ManualClock(),
    random: seededRandom(1),
    transport: () => assert.fail(),
    upgrade: async (request) => {
      const answer = acceptProcess(request, {
        clock: new ManualClock(),
        streams: { stdin: false, stdout: true, stderr: true, tty: false },
        program: () => new Promise(() => {}),
      });
      assert.ok(answer.kind === 'accepted');
      return { ...answer, stream };
    },
  });
  const process = await exec(client, 'web-0', { command: ['x'] });
  await far.write(Uint8Array.of(0x83, 0));
  await assert.rejects(process.exited, { name: 'WebSocketError' });
  const decoder = new WebSocketDecoder({ isMasked: true, messageBytesMax: 1_000 });
  await assert.rejects(async () => {
    for await (const bytes of far.incoming) heard.push(...decoder.push(bytes));
  });
  assert.deepEqual(heard, [{ kind: 'close', code: 1002, reason: '' }]);
});

test('exec() needs a transport that can change protocols', async () => {
  const client = createClient({
    clock: new ManualClock(),
    random: seededRandom(1),
    transport: async () => ({ status: 200, headers: {}, body: undefined }),
  });
  await assert.rejects(exec(client, 'web-0', { command: ['x'] }), /cannot change protocols/);
});

function connect(server: SmallServer): AsyncDisposable & { client: Client; clock: ManualClock } {
  const clock = new ManualClock();
  const random = seededRandom(1);
  const transport = buildTransport(server.target, { clock, random });
  const { send, upgrade } = transport;
  return {
    clock,
    client: createClient({ transport: send, upgrade, clock, random }),
    [Symbol.asyncDispose]: () => transport.close(),
  };
}
