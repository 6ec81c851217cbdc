import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TLSSocket, createServer } from 'node:tls';
import { systemClock } from '@fairway/host/nodejs';
import { seededRandom } from '@fairway/host/testing';
import { type SmallServer, listen, pem } from '../../test/small-server.ts';
import { readBody } from './read-body.ts';
import { buildTransport } from './build-transport.ts';

/** Frames of an answer, by what they are: RFC 9113 §6. */
const head = frame({ type: 1, flags: 4, payload: [0x88] });
const headAndEnd = frame({ type: 1, flags: 5, payload: [0x88] });
const half = frame({ type: 0, flags: 0, payload: Buffer.from('half') });
const rest = frame({ type: 0, flags: 1, payload: Buffer.from('half') });
const end = frame({ type: 0, flags: 1, payload: [] });
const resetWithoutError = frame({ type: 3, flags: 0, payload: [0, 0, 0, 0] });
/** More than a reader takes before it holds the connection back. */
const manyFrames = Array.from({ length: 60 }, () =>
  frame({ type: 0, flags: 0, payload: Buffer.alloc(16_000) }),
);

const complete: Readonly<Record<string, readonly Buffer[]>> = {
  'an end with its last bytes': [head, half, rest],
  'an end of its own': [head, half, end],
  'nothing but a head': [headAndEnd],
  'an end, and a reset after it': [head, rest, resetWithoutError],
  'a long answer that is read late': [head, ...manyFrames, end],
};
const cut: Readonly<Record<string, readonly Buffer[]>> = {
  'a reset that says that there is no error': [head, half, resetWithoutError],
  'such a reset after the head': [head, resetWithoutError],
  'such a reset of a long answer': [head, ...manyFrames, resetWithoutError],
};

for (const [what, frames] of Object.entries(complete)) {
  test(`an answer over HTTP/2 is complete with ${what}`, async () => {
    await using server = await serveFrames(frames);
    await using transport = transportTo(server);
    const { body } = await transport.send(request());
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok((await readBody(body, 1e7)).length >= 0);
  });
}

for (const [what, frames] of Object.entries(cut)) {
  test(`an answer over HTTP/2 is incomplete with ${what}`, async () => {
    await using server = await serveFrames(frames);
    await using transport = transportTo(server);
    const { body } = await transport.send(request());
    await assert.rejects(readBody(body, 1e7), { name: 'ConnectionError', problem: 'reset' });
  });
}

function frame(of: {
  readonly type: number;
  readonly flags: number;
  readonly payload: Uint8Array | readonly number[];
}): Buffer {
  const payload = Buffer.from(of.payload);
  const begin = Buffer.alloc(9);
  begin.writeUIntBE(payload.length, 0, 3);
  begin.writeUInt8(of.type, 3);
  begin.writeUInt8(of.flags, 4);
  begin.writeUInt32BE(1, 5);
  return Buffer.concat([begin, payload]);
}

/** A server that answers the first request of a connection with frames made by hand. */
function serveFrames(frames: readonly Buffer[]): Promise<SmallServer> {
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const acknowledged = Buffer.from([0, 0, 0, 4, 1, 0, 0, 0, 0]);
  const answer = (socket: TLSSocket): void => {
    let seen = Buffer.alloc(0);
    let isAnswered = false;
    socket.write(settings);
    socket.on('data', (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      if (isAnswered || !hasHeaders(seen)) return;
      isAnswered = true;
      socket.write(Buffer.concat([acknowledged, ...frames]));
    });
    socket.on('error', () => {});
  };
  const identity = { key: pem('server.key'), cert: pem('server.pem') };
  return listen(createServer({ ...identity, ALPNProtocols: ['h2'] }, answer), 'https');
}

/** True when a HEADERS frame has come after the preface. */
function hasHeaders(bytes: Buffer): boolean {
  for (let at = 24; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    if (bytes[at + 3] === 1) return true;
  }
  return false;
}

function transportTo({ target }: SmallServer) {
  return buildTransport(target, { clock: systemClock, random: seededRandom(1) });
}

function request() {
  const { signal } = new AbortController();
  return { method: 'GET', path: '/', query: '', headers: {}, body: undefined, signal };
}
