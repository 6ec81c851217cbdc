import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ByteStream, byteStreamPair, joinByteStreams } from './byte-stream.ts';
import { acceptUpgrade } from './accept-upgrade.ts';

test('byteStreamPair() carries bytes both ways, and the end of each by itself', async () => {
  const [near, far] = byteStreamPair();
  await near.write(bytesOf('ping'));
  await near.end();
  assert.equal(await textOf(far), 'ping');
  await far.write(bytesOf('pong'));
  await far.end();
  assert.equal(await textOf(near), 'pong');
  await near.closed;
});

test('byteStreamPair() holds a writer back whose bytes nobody reads', async () => {
  const [near, far] = byteStreamPair();
  let sentBytes = 0;
  const sending = (async () => {
    for (; sentBytes < 1024 * 1024; sentBytes += 16 * 1024)
      await near.write(new Uint8Array(16_384));
    await near.end();
  })();
  await turns(50);
  assert.equal(sentBytes, 48 * 1024, 'the fourth write fills the pair and waits');
  assert.equal((await textOf(far)).length, 1024 * 1024);
  await sending;
});

test('byteStreamPair() keeps what was sent before its end when it is destroyed', async () => {
  const [near, far] = byteStreamPair();
  await near.write(bytesOf('the last words'));
  await near.end();
  near.destroy();
  assert.equal(await textOf(far), 'the last words');
  await assert.rejects(far.write(bytesOf('x')), /cut off/);
});

test('byteStreamPair() tells why it was cut to who reads and to who writes', async () => {
  const [near, far] = byteStreamPair();
  const reading = textOf(far);
  const writing = far.write(new Uint8Array(1024 * 1024));
  near.destroy(new Error('the node is gone'));
  await assert.rejects(reading, /the node is gone/);
  await assert.rejects(writing, /the node is gone/);
  await assert.rejects(near.write(bytesOf('x')), /the node is gone/);
  await near.closed;
});

test('byteStreamPair() is let go of by a reader who leaves', async () => {
  const [near, far] = byteStreamPair();
  await near.write(bytesOf('x'));
  for await (const _ of far.incoming) break;
  await assert.rejects(near.write(bytesOf('y')), /cut off/);
});

test('a stream that was ended takes no more bytes', async () => {
  const [near] = byteStreamPair();
  await near.end();
  await assert.rejects(near.write(bytesOf('x')), /was ended/);
});

test('joinByteStreams() hands on bytes and ends, and cuts both when one is cut', async () => {
  const [client, near] = byteStreamPair();
  const [server, far] = byteStreamPair();
  const joined = joinByteStreams(near, far);
  await client.write(bytesOf('request'));
  await client.end();
  assert.equal(await textOf(server), 'request');
  await server.write(bytesOf('answer'));
  server.destroy(new Error('out of power'));
  await assert.rejects(joined, /out of power/);
  await assert.rejects(textOf(client), /out of power/);
});

test('acceptUpgrade() ends the stream of what is done, and cuts that of what failed', async () => {
  const done = acceptUpgrade({ upgrade: 'x' }, (stream) => stream.write(bytesOf('bye')));
  assert.ok(done.kind === 'accepted');
  assert.equal(await textOf(done.stream), 'bye');
  const failed = acceptUpgrade({ upgrade: 'x' }, () => Promise.reject(new Error('no such pod')));
  assert.ok(failed.kind === 'accepted');
  await assert.rejects(textOf(failed.stream), /no such pod/);
});

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function textOf({ incoming }: ByteStream): Promise<string> {
  let text = '';
  for await (const bytes of incoming) text += Buffer.from(bytes).toString();
  return text;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
