import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { encodeSpdyFrame } from './encode-spdy-frame.ts';
import { SpdySession } from './spdy-session.ts';
import type { SpdyStream } from './spdy-stream.ts';
import { zlibHeaderCompression } from './zlib-header-compression.ts';

test('SpdySession carries both directions of a stream, each with its own end', async () => {
  await using pair = connect();
  const near = await pair.client.open({ streamtype: 'data', port: '80' });
  const far = await pair.accepted();
  assert.deepEqual({ ...far.headers }, { streamtype: 'data', port: '80' });
  await near.write(Buffer.from('question'));
  await near.end();
  assert.equal(await text(far), 'question');
  await far.write(Buffer.from('answer'));
  await far.end();
  assert.equal(await text(near), 'answer');
  assert.deepEqual([pair.client.streamCount, pair.server.streamCount], [0, 0]);
});

test('SpdySession holds back the sender of a stream that nobody reads, and no other stream', async () => {
  await using pair = connect();
  const slow = await pair.client.open({});
  const slowFar = await pair.accepted();
  let sentBytes = 0;
  const flood = (async () => {
    for (let round = 0; round < 64; round++) {
      await slow.write(new Uint8Array(16 * 1024));
      sentBytes += 16 * 1024;
    }
    await slow.end();
  })();
  await settle();
  const quick = await pair.client.open({});
  const quickFar = await pair.accepted();
  await quick.write(Buffer.from('still here'));
  await quick.end();
  assert.equal(await text(quickFar), 'still here');
  assert.ok(sentBytes <= 256 * 1024, `${sentBytes} bytes went to nobody`);
  let readBytes = 0;
  for await (const bytes of slowFar.bytes) readBytes += bytes.length;
  await flood;
  assert.equal(readBytes, 1024 * 1024);
});

test('SpdySession tells both sides of a reset, and of pings', async () => {
  await using pair = connect();
  await pair.client.ping();
  await pair.server.ping();
  const near = await pair.client.open({});
  const far = await pair.accepted();
  await far.reset();
  await assert.rejects(text(near), { name: 'SpdyError', problem: 'reset', status: 5 });
  await assert.rejects(near.write(Buffer.from('late')), { problem: 'reset' });
});

test('SpdySession fails what is open when the connection ends, and opens nothing more', async () => {
  await using pair = connect();
  const near = await pair.client.open({});
  pair.client.end();
  await assert.rejects(text(near), { problem: 'gone' });
  await assert.rejects(pair.client.open({}), { problem: 'gone' });
  await assert.rejects(pair.client.ping(), { problem: 'gone' });
});

test('SpdySession lets open streams finish after it went away', async () => {
  await using pair = connect();
  const near = await pair.client.open({});
  const far = await pair.accepted();
  await pair.server.goAway();
  await settle();
  await assert.rejects(pair.client.open({}), { problem: 'gone' });
  await far.write(Buffer.from('bye'));
  await far.end();
  assert.equal(await text(near), 'bye');
});

test('SpdySession refuses streams that nobody expects, and those beyond its bound', async () => {
  await using pair = connect({ streamsMax: 1 });
  await assert.rejects(pair.server.open({}), { problem: 'reset', status: 3 });
  await pair.client.open({});
  await assert.rejects(pair.client.open({}), { problem: 'reset', status: 3 });
});

test('SpdySession ends at what is not SPDY/3.1', async () => {
  await using pair = connect();
  const near = await pair.client.open({});
  const { id } = near;
  const again = { kind: 'syn-stream', streamId: id, associatedStreamId: 0, priority: 0 } as const;
  const headerBlock = await zlibHeaderCompression().compress(Uint8Array.of(0, 0, 0, 0));
  const frame = { ...again, isFinal: false, isUnidirectional: false, headerBlock };
  await assert.rejects(pair.client.receive(encodeSpdyFrame(frame)), { problem: 'malformed' });
  await assert.rejects(text(near), { problem: 'malformed' });
});

/** Two sessions that hand each other their bytes. */
function connect({ streamsMax }: { readonly streamsMax?: number } = {}): AsyncDisposable & {
  readonly client: SpdySession;
  readonly server: SpdySession;
  accepted(): Promise<SpdyStream>;
} {
  const streams: SpdyStream[] = [];
  let wake: (() => void) | undefined;
  // Like sockets: what is written arrives in its own time.
  const carry = (to: () => SpdySession): ((bytes: Uint8Array) => Promise<void>) => {
    let queue = Promise.resolve();
    return async (bytes) => {
      queue = queue.then(() => to().receive(bytes)).catch(() => {});
    };
  };
  const client: SpdySession = new SpdySession({
    role: 'client',
    compression: zlibHeaderCompression(),
    write: carry(() => server),
  });
  const server: SpdySession = new SpdySession({
    role: 'server',
    compression: zlibHeaderCompression(),
    write: carry(() => client),
    onStream: (stream) => {
      void stream.reply();
      streams.push(stream);
      wake?.();
    },
    ...(streamsMax === undefined ? {} : { streamsMax }),
  });
  return {
    client,
    server,
    async accepted() {
      for (;;) {
        const stream = streams.shift();
        if (stream !== undefined) return stream;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async [Symbol.asyncDispose]() {
      client.end();
      server.end();
    },
  };
}

async function text(stream: SpdyStream): Promise<string> {
  let text = '';
  for await (const bytes of stream.bytes) text += Buffer.from(bytes).toString();
  return text;
}
