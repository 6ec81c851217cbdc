import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type ServerHttp2Stream, createServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { GrpcConnection } from './grpc-connection.ts';
import { grpcCodes } from './grpc-error.ts';
import { encodeMessageFrame } from './message-frames.ts';

const bounds = { timeoutMs: 1_000, messageBytesMax: 1_000 };
const hello = Buffer.from('hello');
const ok = { 'grpc-status': '0' };

test('call() sends a message and reads the one that comes back, in whatever pieces', async () => {
  await using server = await serve(async (stream, received) => {
    answer(stream, ok);
    for (const byte of encodeMessageFrame(received)) stream.write(Uint8Array.of(byte));
    stream.end();
  });
  const { connection } = server;
  assert.deepEqual(await connection.call('/a.B/C', hello, bounds), hello);
  assert.deepEqual(
    await connection.call('/a.B/C', Buffer.alloc(900, 1), bounds),
    Buffer.alloc(900, 1),
  );
  assert.deepEqual(server.paths, ['/a.B/C', '/a.B/C']);
});

test('call() throws what the server says, also without anything else', async () => {
  await using server = await serve(async (stream) => {
    const status = { 'grpc-status': '5', 'grpc-message': 'no %C3%A4pple: 100%' };
    stream.respond({ ':status': 200, ...status }, { endStream: true });
  });
  // A text that is not well encoded is taken as it is.
  const message = 'no %C3%A4pple: 100%';
  await assert.rejects(server.connection.call('/a.B/C', hello, bounds), { code: 5, message });
});

test('call() does not take an answer that is none', async () => {
  const message = encodeMessageFrame(hello);
  for (const [bytes, trailers, expected] of [
    [[], ok, { code: grpcCodes.internal, message: /says nothing/ }],
    [[message.subarray(0, 7)], ok, { code: grpcCodes.internal, message: /ends within a message/ }],
    [[Uint8Array.of(1, 0, 0, 0, 0)], ok, { code: grpcCodes.internal, message: /compresses/ }],
    [[Uint8Array.of(0, 0, 0, 3, 233)], ok, { code: grpcCodes.resourceExhausted, message: /1001/ }],
    [[message], {}, { code: grpcCodes.unavailable, message: /no gRPC answers/ }],
    [
      [message],
      { 'grpc-status': '13', 'grpc-message': 'caf%C3%A9' },
      { code: 13, message: 'café' },
    ],
  ] as const) {
    await using server = await serve(async (stream) => {
      answer(stream, trailers);
      for (const each of bytes) stream.write(each);
      stream.end();
    });
    await assert.rejects(server.connection.call('/a.B/C', hello, bounds), expected);
  }
});

test('call() gives up when its time is over, and the server is told', async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  await using server = await serve(async (stream) => {
    stream.once('close', resolve);
    ask();
  });
  const calling = server.connection.call('/a.B/C', hello, bounds);
  calling.catch(() => {});
  await asked;
  await server.clock.advance(1_000);
  const message = /no answer within 1000 ms/;
  await assert.rejects(calling, { code: grpcCodes.deadlineExceeded, message });
  await cancelled;
});

test('call() says that nobody answers, and connects again when somebody does', async () => {
  await using server = await serve(async (stream, received) => {
    if (server.paths.length === 1) return stream.session?.destroy();
    answer(stream, ok);
    stream.end(encodeMessageFrame(received));
  });
  const { connection, clock } = server;
  const cut = connection.call('/a.B/C', hello, bounds);
  await assert.rejects(cut, { code: grpcCodes.unavailable, message: /does not answer/ });
  assert.deepEqual(await connection.call('/a.B/C', hello, bounds), hello);
  const nobody = new GrpcConnection({ socketPath: `${server.socketPath}.not`, clock });
  const absent = nobody.call('/a.B/C', hello, bounds);
  await assert.rejects(absent, { code: grpcCodes.unavailable, message: /ENOENT/ });
  connection[Symbol.dispose]();
  await assert.rejects(connection.call('/a.B/C', hello, bounds), { code: grpcCodes.unavailable });
});

test('follow() reads messages as they come, until the server ends or nobody wants more', async () => {
  await using server = await serve(async (stream, received) => {
    answer(stream, ok);
    for (const text of ['one', 'two']) stream.write(encodeMessageFrame(Buffer.from(text)));
    if (received.length > 0) stream.end();
  });
  const follow = (message: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> =>
    server.connection.follow('/a.B/C', message, { messageBytesMax: 1_000, signal });
  const { signal } = new AbortController();
  const texts = await Array.fromAsync(follow(hello, signal), (each) =>
    Buffer.from(each).toString(),
  );
  assert.deepEqual(texts, ['one', 'two']);
  const abort = new AbortController();
  let count = 0;
  await assert.rejects(async () => {
    for await (const _ of follow(new Uint8Array(), abort.signal)) {
      count += 1;
      if (count === 2) abort.abort();
    }
  });
  assert.equal(count, 2);
});

function answer(stream: ServerHttp2Stream, trailers: Readonly<Record<string, string>>): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers(trailers));
}

interface TestServer extends AsyncDisposable {
  readonly connection: GrpcConnection;
  readonly clock: ManualClock;
  readonly socketPath: string;
  readonly paths: readonly string[];
}

/** A server that hands the message of each call to `handle`. */
async function serve(
  handle: (stream: ServerHttp2Stream, received: Uint8Array) => Promise<void>,
): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-grpc-'));
  const socketPath = join(directory, 'socket');
  const paths: string[] = [];
  const server = createServer();
  server.on('stream', (stream, headers) => {
    paths.push(String(headers[':path']));
    stream.on('error', () => {});
    void stream
      .toArray()
      .then((chunks: Buffer[]) => handle(stream, Buffer.concat(chunks).subarray(5)));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const clock = new ManualClock();
  const connection = new GrpcConnection({ socketPath, clock });
  return {
    connection,
    clock,
    socketPath,
    paths,
    async [Symbol.asyncDispose]() {
      connection[Symbol.dispose]();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(directory, { recursive: true });
    },
  };
}
