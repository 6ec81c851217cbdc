import assert from 'node:assert/strict';
import { Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { collectBody } from '@fairway/protocol';
import { explicitTarget } from '../explicit-target.ts';
import { buildRequest } from '../resource/build-request.ts';
import { type Transport, buildTransport } from './build-transport.ts';

const never = (): Error => new Error('too long');

test('a stream that has ended while nobody used it carries no other request', async () => {
  const farEnds: Duplex[] = [];
  await using transport = transportOver(() => {
    const [near, far] = duplexPair();
    const answer = `stream ${farEnds.push(far)}`;
    far.on('data', () =>
      far.write(`HTTP/1.1 200 OK\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`),
    );
    return near;
  });
  assert.equal(await ask(transport), 'stream 1');
  assert.equal(await ask(transport), 'stream 1');
  farEnds[0]?.end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await ask(transport), 'stream 2');
});

for (const [where, begun] of Object.entries({
  'before the answer': '',
  'inside the head': 'HTTP/1.1 200 OK\r\ncontent-',
  'inside a body with a length': 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe',
  'inside a body in chunks': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n',
})) {
  test(`a stream that ends ${where} and stays half-open cuts the answer`, async () => {
    await using transport = transportOver(() => {
      const [near, far] = duplexPair();
      far.once('data', () => far.end(begun));
      return near;
    });
    await assert.rejects(ask(transport), { problem: 'reset' });
  });
}

test('what comes in pieces behind a 101 belongs to the new protocol, until the transport is closed', async () => {
  const transport = transportOver(() => answeringAtOnce([`${switching}fi`, 'rst', 'ping']));
  const answer = await transport.upgrade(buildRequest({ method: 'GET', path: '/', headers }));
  assert.ok(answer.kind === 'accepted');
  let received = '';
  const reading = (async () => {
    for await (const bytes of answer.stream.incoming) {
      received += Buffer.from(bytes).toString();
      if (received.length >= 'firstping'.length) await transport.close();
    }
  })();
  await assert.rejects(reading, { code: 'ERR_STREAM_PREMATURE_CLOSE' });
  await answer.stream.closed;
  assert.equal(received, 'firstping');
});

test('a connection that speaks another protocol takes nothing of the room for requests', async () => {
  const streams = [switching, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'];
  await using transport = transportOver(() => answeringAtOnce([streams.shift() ?? '']));
  const answer = await transport.upgrade(buildRequest({ method: 'GET', path: '/', headers }));
  assert.equal(answer.kind, 'accepted');
  assert.equal(await ask(transport), 'ok');
});

test('an upgrade that is still connecting when the transport is closed fails', async () => {
  const opening = Promise.withResolvers<Duplex>();
  const asked = Promise.withResolvers<void>();
  const transport = transportOver(() => {
    asked.resolve();
    return opening.promise;
  });
  const failed = assert.rejects(
    transport.upgrade(buildRequest({ method: 'GET', path: '/', headers })),
    { problem: 'closed' },
  );
  await asked.promise;
  await transport.close();
  const stream = answeringAtOnce([switching]);
  opening.resolve(stream);
  await failed;
  assert.ok(stream.destroyed);
});

const headers = { upgrade: 'echo' };
const switching = 'HTTP/1.1 101 Yes\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n';

/** Each piece is an event of its own, one directly after the other. */
function answeringAtOnce(pieces: readonly string[]): Duplex {
  return new Duplex({
    read() {},
    write(_bytes, _encoding, onWritten) {
      setImmediate(() => {
        for (const piece of pieces) this.push(piece);
      });
      onWritten();
    },
  });
}

function transportOver(openStream: () => Duplex | Promise<Duplex>): Transport {
  return buildTransport(explicitTarget(systemClock, { server: 'http://web.test' }), {
    clock: systemClock,
    random: systemRandom,
    isHttp2Wanted: false,
    limits: { silenceMs: 0, connectionsMax: 1 },
    openStream: async () => openStream(),
  });
}

async function ask(transport: Transport): Promise<string> {
  const { body } = await transport.send(buildRequest({ method: 'POST', path: '/' }));
  return Buffer.from(await collectBody(body, { bytesMax: 100, tooLong: never })).toString();
}
