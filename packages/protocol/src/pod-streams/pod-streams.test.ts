import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiError } from '../api-error.ts';
import { type ByteStream, byteStreamPair } from '../byte-stream.ts';
import type { HttpHeaders, HttpRequest } from '../http-message.ts';
import { SpdySession } from '../spdy/spdy-session.ts';
import { zlibHeaderCompression } from '../spdy/zlib-header-compression.ts';
import type { UpgradeAnswer } from '../upgrade.ts';
import { encodeWebSocketFrame } from '../websocket/encode-websocket-frame.ts';
import { WebSocketDecoder, type WebSocketEvent } from '../websocket/websocket-decoder.ts';
import { acceptPorts } from './accept-ports.ts';
import { acceptProcess } from './accept-process.ts';
import type { ProcessStreams, Program } from './served-process.ts';
import { TerminalSizes } from './terminal-sizes.ts';

const all: ProcessStreams = { stdin: true, stdout: true, stderr: true, tty: false };

test('acceptProcess() refuses what it does not speak, and says what it does', () => {
  const webSocket = webSocketOffer('v1.channel.k8s.io');
  for (const [headers, code, message] of [
    [
      webSocket,
      403,
      /client supports \[v1.channel.k8s.io\], server accepts \[v5.channel.k8s.io v4/,
    ],
    [{ upgrade: 'SPDY/3.1' }, 403, /client supports \[\], server accepts \[v4.channel.k8s.io\]/],
    [{ upgrade: 'h2c' }, 400, /"h2c" is not known/],
    [{ ...webSocketOffer('v5.channel.k8s.io'), 'sec-websocket-key': 'x' }, 400, /not version 13/],
    [{ ...webSocketOffer('v5.channel.k8s.io'), 'sec-websocket-version': '8' }, 400, /version 13/],
  ] as const) {
    const { answer } = serve(async () => 0, { headers });
    assert.ok(answer.kind === 'refused');
    assert.equal(answer.response.status, code);
    assert.match(Buffer.from(answer.response.body as Uint8Array).toString(), message);
  }
});

test('acceptProcess() chooses the first protocol of the caller that it knows', () => {
  const offered = ['v6.channel.k8s.io, v4.channel.k8s.io', 'v5.channel.k8s.io'];
  const { headers } = accepted(serve(async () => 0, { headers: webSocketOffer(offered) }).answer);
  assert.equal(headers['sec-websocket-protocol'], 'v4.channel.k8s.io');
  // The example of RFC 6455 §1.3.
  assert.equal(headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('a process over a WebSocket answers pings, and tells its failure as a status', async () => {
  const { answer } = serve(() => Promise.reject(new Error('no such container')));
  const socket = speakWebSocket(accepted(answer).stream);
  await socket.send('ping', Uint8Array.of(1, 2));
  const events = await socket.untilClosed();
  const texts = events.map((event) =>
    'payload' in event ? Buffer.from(event.payload).toString() : event.kind,
  );
  assert.match(texts[0] ?? '', /^\x03.*"reason":"InternalError"/);
  assert.match(texts[0] ?? '', /occurred: no such container/);
  assert.match(texts[0] ?? '', /"causes":\[{"message":"no such container"}\]/);
  assert.deepEqual(texts.slice(1).sort(), ['\x01\x02', 'close']);
});

test('a process that fails in the words of the API is not told of twice', async () => {
  const { answer } = serve(() => Promise.reject(apiError('InternalError', 'no task found')));
  const socket = speakWebSocket(accepted(answer).stream);
  const [event] = await socket.untilClosed();
  assert.ok(event !== undefined && 'payload' in event);
  assert.match(Buffer.from(event.payload).toString(), /"message":"no task found"/);
});

test('a process over a WebSocket ends for a caller that says nothing any more', async () => {
  const { answer, clock } = serve(async () => 0);
  const { stream } = accepted(answer);
  await speakWebSocket(stream).untilClosed();
  assert.deepEqual(clock.delays, [5_000]);
  clock.run();
  await stream.closed;
});

test('a process over a WebSocket says why it does not read on', async () => {
  const { answer } = serve(async ({ stdin }) => {
    for await (const _ of stdin);
    return 0;
  });
  const socket = speakWebSocket(accepted(answer).stream);
  void socket.send('binary', new Uint8Array(1024 * 1024 + 1)).catch(() => {}); // It is cut.
  const events = await socket.untilClosed();
  assert.deepEqual(events, [{ kind: 'close', code: 1009, reason: '' }]);
});

for (const [way, headers] of [
  ['WebSocket', webSocketOffer('v5.channel.k8s.io')],
  ['SPDY', spdyOffer('v4.channel.k8s.io')],
] as const) {
  test(`a process over ${way} is told that its caller has gone`, async () => {
    const gone = Promise.withResolvers<void>();
    const { answer } = serve(
      ({ signal }) =>
        new Promise(() => signal.addEventListener('abort', () => gone.resolve(), { once: true })),
      { headers, streams: { ...all, stdin: false, stderr: false } },
    );
    const { stream } = accepted(answer);
    if (way === 'SPDY') {
      const session = speakSpdy(stream);
      for (const streamtype of ['error', 'stdout']) await session.open({ streamtype });
    }
    await stream.end();
    await gone.promise;
    await stream.closed;
  });
}

test('a process over SPDY starts when all its streams are there, and takes no others', async () => {
  let hasStarted = false;
  const { answer } = serve(
    async () => {
      hasStarted = true;
      return 0;
    },
    { headers: spdyOffer('v4.channel.k8s.io'), streams: { ...all, stdin: false, stderr: false } },
  );
  const session = speakSpdy(accepted(answer).stream);
  const error = await session.open({ streamtype: 'error' });
  for (const streamtype of ['error', 'stdin', 'stderr', 'resize', 'noise']) {
    await assert.rejects(session.open({ streamtype }), { problem: 'reset' });
  }
  assert.equal(hasStarted, false);
  await session.open({ streamtype: 'stdout' });
  let status = '';
  for await (const bytes of error.bytes) status += Buffer.from(bytes).toString();
  assert.equal(status, '{"metadata":{},"status":"Success"}');
});

test('a process over SPDY whose streams do not come is given up', async () => {
  const { answer, clock } = serve(async () => 0, { headers: spdyOffer('v4.channel.k8s.io') });
  const { stream } = accepted(answer);
  const session = speakSpdy(stream);
  await session.open({ streamtype: 'error' });
  assert.deepEqual(clock.delays, [30_000]);
  clock.run();
  await stream.closed;
});

test('a process over SPDY ends for a caller that does not go', async () => {
  const streams = { stdin: false, stdout: true, stderr: false, tty: false };
  const { answer, clock } = serve(async () => 0, {
    headers: spdyOffer('v4.channel.k8s.io'),
    streams,
  });
  const { stream } = accepted(answer);
  const session = speakSpdy(stream);
  const error = await session.open({ streamtype: 'error' });
  await session.open({ streamtype: 'stdout' });
  for await (const _ of error.bytes);
  while (clock.delays.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(clock.delays, [5_000]);
  clock.run();
  await stream.closed;
});

test('TerminalSizes tells a slow reader the newest size, and ignores what is none', async () => {
  const sizes = new TerminalSizes();
  for (const text of [
    '{"Width":80,"Hei',
    'ght":24}\n{"Width":90,"Height":25}',
    '{"Width":-1,"Height":1}{"Width":65536,"Height":1}{"Width":"1"}}}nonsense}',
    `{"Width":1,"Height":1,"x":"${'x'.repeat(300)}`,
    '"}',
  ]) {
    sizes.push(Buffer.from(text));
  }
  sizes.end();
  assert.deepEqual(await Array.fromAsync(sizes), [{ width: 90, height: 25 }]);
});

test('acceptPorts() pairs streams by request, and tells what is wrong with one connection', async () => {
  const clock = manualClock();
  const asked: number[] = [];
  const request = requestOf(spdyOffer('portforward.k8s.io'));
  const answer = acceptPorts(request, {
    clock,
    connect: async (port) => {
      asked.push(port);
      throw new Error(`nobody listens on port ${port}`);
    },
  });
  const session = speakSpdy(accepted(answer).stream);
  const failureOf = async (port: string, requestid: string): Promise<string> => {
    await session.open({ streamtype: 'data', port, requestid });
    const error = await session.open({ streamtype: 'error', port, requestid });
    let text = '';
    for await (const bytes of error.bytes) text += Buffer.from(bytes).toString();
    return text;
  };
  assert.equal(await failureOf('81', '1'), 'nobody listens on port 81');
  assert.equal(await failureOf('65536', '2'), '"65536" is not a port');
  assert.deepEqual(asked, [81]);
  await assert.rejects(session.open({ streamtype: 'noise' }), { problem: 'reset' });
});

test('acceptPorts() gives up a stream whose other half does not come, or comes twice', async () => {
  const clock = manualClock();
  const request = requestOf(spdyOffer('portforward.k8s.io'));
  const connect = (): Promise<ByteStream> => assert.fail('nothing was asked for whole');
  const session = speakSpdy(accepted(acceptPorts(request, { clock, connect })).stream);
  const error = await session.open({ streamtype: 'error', port: '80', requestid: '1' });
  const again = await session
    .open({ streamtype: 'error', port: '80', requestid: '1' })
    .catch((failure: unknown) => failure);
  assert.match(String(again), /reset/);
  clock.run();
  await assert.rejects(async () => {
    for await (const _ of error.bytes);
  }, /reset/);
});

test('acceptPorts() takes a bounded number of streams', async () => {
  const request = requestOf(spdyOffer('portforward.k8s.io'));
  const connect = (): Promise<ByteStream> => new Promise(() => {});
  const answer = acceptPorts(request, { clock: manualClock(), connect });
  const session = speakSpdy(accepted(answer).stream);
  for (let id = 0; id < 512; id++) {
    const headers = { port: '80', requestid: String(id) };
    await session.open({ streamtype: 'error', ...headers });
    await session.open({ streamtype: 'data', ...headers });
  }
  await assert.rejects(session.open({ streamtype: 'error', requestid: '512' }), {
    problem: 'reset',
  });
});

test('acceptPorts() serves ports over channels, each until its program ends, and tells what failed', async () => {
  const [near, far] = byteStreamPair();
  const [silent, unheard] = byteStreamPair();
  const request = {
    ...requestOf(webSocketOffer('v4.channel.k8s.io')),
    query: 'port=8080,258&port=9',
  };
  const remotes = new Map([
    [8080, near],
    [258, silent],
  ]);
  const answer = acceptPorts(request, {
    clock: manualClock(),
    connect: async (port) => remotes.get(port) ?? assert.fail(`nobody listens on port ${port}`),
  });
  const socket = speakWebSocket(accepted(answer).stream);
  await socket.send('binary', Buffer.from('\x00hello'));
  // Whoever speaks where failures are told, or on no channel, says nothing.
  await socket.send('binary', Buffer.from('\x01noise'));
  await socket.send('binary', Buffer.from('\x30noise'));
  await socket.send('binary', Buffer.from('\x02other'));
  for (const [remote, said] of [
    [far, 'hello'],
    [unheard, 'other'],
  ] as const) {
    const { value } = await remote.incoming[Symbol.asyncIterator]().next();
    assert.equal(Buffer.from(value as Uint8Array).toString(), said);
    await remote.write(Buffer.from(`${said} yourself`));
    await remote.end();
  }
  const events = await socket.untilClosed();
  const messages = events.flatMap((event) =>
    event.kind === 'binary' ? [Buffer.from(event.payload).toString('latin1')] : [],
  );
  assert.deepEqual(messages.slice(0, 6), [
    '\x00\x90\x1f',
    '\x01\x90\x1f',
    '\x02\x02\x01',
    '\x03\x02\x01',
    '\x04\x09\x00',
    '\x05\x09\x00',
  ]);
  assert.deepEqual(messages.slice(6).sort(), [
    '\x00hello yourself',
    '\x02other yourself',
    '\x05nobody listens on port 9',
  ]);
});

test('acceptPorts() lets go of programs whose caller over channels is gone', async () => {
  const [near, far] = byteStreamPair();
  const request = { ...requestOf(webSocketOffer('v4.channel.k8s.io')), query: 'port=80' };
  const connect = async (): Promise<ByteStream> => near;
  const { stream } = accepted(acceptPorts(request, { clock: manualClock(), connect }));
  const socket = speakWebSocket(stream);
  await socket.send('binary', Buffer.from('\x00last'));
  await stream.end();
  const heard: string[] = [];
  for await (const bytes of far.incoming) heard.push(Buffer.from(bytes).toString());
  assert.deepEqual(heard, ['last']);
});

test('acceptPorts() refuses channels without ports, and with what is none', () => {
  const many = Array.from({ length: 128 }, (_, index) => index + 1).join();
  for (const [query, message] of [
    ['', /query parameter "port" is required/],
    ['port=', /"" is not a port/],
    ['port=80,65536', /"65536" is not a port/],
    [`port=${many}`, /at most 127 ports/],
  ] as const) {
    const request = { ...requestOf(webSocketOffer('v4.channel.k8s.io')), query };
    const connect = (): Promise<ByteStream> => assert.fail('nothing was to be reached');
    const answer = acceptPorts(request, { clock: manualClock(), connect });
    assert.ok(answer.kind === 'refused');
    assert.equal(answer.response.status, 400);
    assert.match(Buffer.from(answer.response.body as Uint8Array).toString(), message);
  }
});

function serve(
  program: Program,
  options: { readonly headers?: HttpHeaders; readonly streams?: ProcessStreams } = {},
): { readonly answer: UpgradeAnswer; readonly clock: ManualScheduler } {
  const { headers = webSocketOffer('v5.channel.k8s.io'), streams = all } = options;
  const clock = manualClock();
  return { answer: acceptProcess(requestOf(headers), { streams, program, clock }), clock };
}

function webSocketOffer(protocol: string | readonly string[]): HttpHeaders {
  return {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': protocol,
  };
}

function spdyOffer(protocol: string): HttpHeaders {
  return { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol };
}

function requestOf(headers: HttpHeaders): HttpRequest {
  const { signal } = new AbortController();
  return { method: 'POST', path: '/exec/ns/pod/main', query: '', headers, body: undefined, signal };
}

function accepted(answer: UpgradeAnswer): Extract<UpgradeAnswer, { kind: 'accepted' }> {
  assert.ok(answer.kind === 'accepted');
  return answer;
}

function speakWebSocket(stream: ByteStream) {
  const mask = Uint8Array.of(1, 2, 3, 4);
  const decoder = new WebSocketDecoder({ isMasked: false, messageBytesMax: 1_000_000 });
  return {
    send: (kind: 'ping' | 'binary', payload: Uint8Array) =>
      stream.write(encodeWebSocketFrame({ kind, payload, mask })),
    /** Reads on to the end, as a client that does not answer. */
    async untilClosed() {
      const events: WebSocketEvent[] = [];
      for await (const chunk of stream.incoming) events.push(...decoder.push(chunk));
      assert.equal(events.at(-1)?.kind, 'close');
      return events;
    },
  };
}

function speakSpdy(stream: ByteStream): SpdySession {
  const session = new SpdySession({
    role: 'client',
    compression: zlibHeaderCompression(),
    write: (bytes) => stream.write(bytes),
  });
  void (async () => {
    for await (const chunk of stream.incoming) await session.receive(chunk);
  })().then(
    () => session.end(),
    (cause: unknown) => session.end(cause),
  );
  return session;
}

interface ManualScheduler {
  readonly delays: readonly number[];
  schedule(delayMs: number, run: () => void): { cancel(): void };
  /** Lets all time pass. */
  run(): void;
}

function manualClock(): ManualScheduler {
  const timers = new Map<object, { delayMs: number; run: () => void }>();
  return {
    get delays() {
      return [...timers.values()].map(({ delayMs }) => delayMs);
    },
    schedule(delayMs, run) {
      const timer = { cancel: () => void timers.delete(timer) };
      timers.set(timer, { delayMs, run });
      return timer;
    },
    run() {
      const due = [...timers.values()];
      timers.clear();
      for (const { run } of due) run();
    },
  };
}
