import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { byteStreamPair, joinByteStreams } from './byte-stream.ts';
import { byteStreamOf, duplexOf } from './duplex-stream.ts';

test('byteStreamOf() reads the early bytes first, and half closes', async () => {
  const [near, far] = duplexPair();
  const stream = byteStreamOf(near, Buffer.from('early '));
  far.end('late');
  let text = '';
  for await (const bytes of stream.incoming) text += Buffer.from(bytes).toString();
  assert.equal(text, 'early late');
  await stream.write(Buffer.from('answer'));
  const received = far.toArray();
  await stream.end();
  assert.equal(Buffer.concat(await received).toString(), 'answer');
});

test('byteStreamOf() tells a writer that the stream is cut', async () => {
  const [near] = duplexPair();
  const stream = byteStreamOf(near);
  stream.destroy(new Error('unplugged'));
  await assert.rejects(stream.write(Buffer.from('x')), Error);
  await stream.end();
  await stream.closed;
  await byteStreamOf(near).closed;
});

// The end of an answer and the reset of its connection often come together.
test('byteStreamOf() reads all that has come before a connection breaks', async () => {
  const duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const stream = byteStreamOf(duplex);
  duplex.push('first');
  const incoming = stream.incoming[Symbol.asyncIterator]();
  assert.equal(String((await incoming.next()).value), 'first');
  duplex.push('last');
  duplex.destroy(new Error('unplugged'));
  assert.equal(String((await incoming.next()).value), 'last');
  await assert.rejects(incoming.next(), /unplugged/);
});

// Once a socket whose other side had ended was destroyed with what a slow reader had yet to take.
test('joinByteStreams() delivers all that was sent before the end, to a reader who is slow', async () => {
  await using relay = await joinedSockets();
  const { near, far } = relay;
  const sent = Buffer.alloc(8 * 1024 * 1024, 'x');
  far.end(sent);
  let receivedBytes = 0;
  near.pause();
  await new Promise((resolve) => setImmediate(resolve));
  for await (const chunk of near) receivedBytes += (chunk as Buffer).length;
  assert.equal(receivedBytes, sent.length);
});

test('joinByteStreams() hands on the end of one direction while the other goes on', async () => {
  await using relay = await joinedSockets();
  relay.near.end('question');
  assert.equal(Buffer.concat(await relay.far.toArray()).toString(), 'question');
  relay.far.end('answer');
  assert.equal(Buffer.concat(await relay.near.toArray()).toString(), 'answer');
  await relay.joined;
});

test('joinByteStreams() cuts both when one is cut', async () => {
  await using relay = await joinedSockets();
  relay.near.resetAndDestroy();
  await assert.rejects(relay.joined, Error);
  assert.deepEqual(await relay.far.toArray(), []);
});

test('joinByteStreams() joins a socket to what is none', async () => {
  const [near, socket] = duplexPair();
  const [stream, far] = byteStreamPair();
  assert.equal(duplexOf(far), undefined);
  const joined = joinByteStreams(byteStreamOf(socket), stream);
  near.end('hello');
  for await (const bytes of far.incoming) await far.write(bytes);
  await far.end();
  assert.equal(Buffer.concat(await near.toArray()).toString(), 'hello');
  await joined;
});

/** Two connections over TCP, with the relay between them. */
async function joinedSockets(): Promise<
  AsyncDisposable & { near: Socket; far: Socket; joined: Promise<void> }
> {
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const open = async (): Promise<[Socket, Socket]> => {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
    const [other] = await accepted;
    return [socket, other.on('error', () => {})];
  };
  const [near, one] = await open();
  const [other, far] = await open();
  const joined = joinByteStreams(byteStreamOf(one), byteStreamOf(other));
  joined.catch(() => {}); // Some tests cut it.
  return {
    near,
    far,
    joined,
    async [Symbol.asyncDispose]() {
      for (const socket of [near, one, other, far]) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
