import assert from 'node:assert/strict';
import { type Socket, createServer as createTcp } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { systemClock } from '@fairway/host/nodejs';
import type { HttpBody, HttpRequest, HttpResponse } from '@fairway/protocol';
import {
  type Answer,
  type SmallServer,
  listen,
  serveHttp,
  serveHttp2,
} from '../../test/small-server.ts';
import { type Transport, buildTransport } from './build-transport.ts';
import { readBody } from './read-body.ts';
import type { TransportOptions } from './transport-options.ts';

const versionOf: Answer = (request, response) => void response.end(request.httpVersion);

test('watches and logs share HTTP/2, and all else goes over HTTP/1.1, when that is wanted', async () => {
  await using server = await serveHttp2(versionOf);
  await using transport = transportTo(server, { isHttp2ForWatchesOnly: true });
  const versions: string[] = [];
  for (const [path, query] of [
    ['/api/v1/pods', ''],
    ['/api/v1/pods', 'watch=true'],
    ['/api/v1/namespaces/a/pods/b/log', 'follow=1'],
    ['/api/v1/namespaces/a/services/b/proxy/', ''],
    ['/api/v1/watch/pods', ''],
  ] as const) {
    versions.push(await textOf(await transport.send(get(path, { query }))));
  }
  assert.deepEqual(versions, ['1.1', '2.0', '2.0', '1.1', '2.0']);
  assert.equal(server.connectionCount(), 2);
});

test('more requests than there may be connections of HTTP/1.1 go over HTTP/2', async () => {
  const waiting: (() => void)[] = [];
  await using server = await serveHttp2((request, response) => {
    waiting.push(() => response.end(request.httpVersion));
  });
  const limits = { connectionsMax: 2 };
  await using transport = transportTo(server, { isHttp2ForWatchesOnly: true, limits });
  const proxied = '/api/v1/namespaces/a/services/b/proxy/';
  const paths = [proxied, '/', proxied, '/', proxied];
  const answers = paths.map((path) => transport.send(get(path)).then(textOf));
  await until(() => waiting.length === 5);
  for (const answer of waiting) answer();
  assert.deepEqual((await Promise.all(answers)).toSorted(), ['1.1', '1.1', '2.0', '2.0', '2.0']);
});

test('a server that speaks HTTP/2 only is spoken to in HTTP/2', async () => {
  await using server = await serveHttp2(versionOf, { allowHTTP1: false, ALPNProtocols: ['h2'] });
  await using transport = transportTo(server, { isHttp2ForWatchesOnly: true });
  assert.equal(await textOf(await transport.send(get('/'))), '2.0');
  assert.equal(await textOf(await transport.send(get('/'))), '2.0');
});

test('requests wait for a connection when there is no other way, and watches do not', async () => {
  const waiting: (() => void)[] = [];
  await using server = await serveHttp((request, response) => {
    if (request.url?.includes('watch')) response.write('event');
    else waiting.push(() => response.end(request.url));
  });
  await using transport = transportTo(server, { limits: { connectionsMax: 2 } });
  const leaving = new AbortController();
  const answers = ['/1', '/2', '/3'].map((path) => transport.send(get(path)).then(textOf));
  const left = transport.send(get('/left', { signal: leaving.signal }));
  await until(() => waiting.length === 2);
  const watch = await transport.send(get('/', { query: 'watch=true' }));
  assert.equal(server.sockets.size, 3);
  leaving.abort(new Error('left'));
  await assert.rejects(left, /left/);
  waiting.shift()?.();
  await until(() => waiting.length === 2);
  for (const answer of waiting) answer();
  assert.deepEqual(await Promise.all(answers), ['/1', '/2', '/3']);
  assert.equal(server.connectionCount(), 3);
  for await (const _ of watch.body as AsyncIterable<Uint8Array>) break;
});

test('watches take nothing of the room for what ends soon, neither while they last nor afterwards', async () => {
  const waiting: (() => void)[] = [];
  const watches: (() => void)[] = [];
  await using server = await serveHttp((request, response) => {
    if (request.url === '/0') return void response.end();
    const isWatch = request.url?.includes('watch') === true;
    if (isWatch) response.write('event');
    (isWatch ? watches : waiting).push(() => void response.end(request.url));
  });
  await using transport = transportTo(server, { limits: { connectionsMax: 1 } });
  // One watch takes the connection that this leaves, the other one opens its own.
  await textOf(await transport.send(get('/0')));
  const bodies = ['/1', '/2'].map((path) =>
    transport.send(get(path, { query: 'watch=true' })).then(textOf),
  );
  const answers = ['/3', '/4'].map((path) => transport.send(get(path)).then(textOf));
  await until(() => waiting.length === 1 && watches.length === 2);
  for (const end of watches) end();
  await Promise.all(bodies);
  // The connections of the watches are more than there may be now.
  await until(() => server.sockets.size === 1);
  assert.equal(waiting.length, 1);
  waiting.shift()?.();
  await until(() => waiting.length === 1);
  waiting.shift()?.();
  assert.deepEqual(await Promise.all(answers), ['/3', '/4']);
  assert.equal(server.connectionCount(), 3);
});

test('requests that wait for a connection hear of it when none can be had', async () => {
  const server = await rawServer(() => {});
  await server[Symbol.asyncDispose]();
  await using transport = transportTo(server, { limits: { connectionsMax: 1 } });
  const asked = Array.from({ length: 3 }, () => transport.send(post(undefined)));
  for (const each of asked) each.catch(() => {});
  for (const each of asked) await assert.rejects(each, { isUnsent: true });
});

const ok = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n';
for (const [where, pieces] of Object.entries({
  'inside the head': ['HTTP/1.1 200 OK\r\nContent-'],
  'behind an interim answer': ['HTTP/1.1 103 Early Hints\r\n\r\n'],
  'inside a chunk': [`${ok}o`],
  'before a chunk': [`${ok}ok\r\n`, '2'],
})) {
  test(`a server that falls silent ${where} is not waited for`, async () => {
    const clock = new ManualClock();
    const [first = '', second] = pieces;
    await using server = await rawServer((socket) => {
      socket.once('data', () => void socket.write(first));
    });
    await using transport = transportTo(server, { clock });
    let read = 0;
    let failure: unknown;
    const asked = (async () => {
      const { body } = await transport.send(post(undefined));
      for await (const bytes of body as AsyncIterable<Uint8Array>) read += bytes.length;
    })().catch((error: unknown) => (failure = error));
    await until(() => [...server.sockets].some(({ bytesWritten }) => bytesWritten > 0));
    if (second !== undefined) {
      await until(() => read === 2);
      for (const socket of server.sockets) socket.write(second);
    }
    for (let turns = 0; turns < 20; turns++) await turn();
    await clock.advance(90_001);
    for (let turns = 0; failure === undefined && turns < 1_000; turns++) await turn();
    assert.equal((failure as { problem?: string } | undefined)?.problem, 'timeout');
    await asked;
  });
}

test('a server is not silent while nobody reads what it has sent', async () => {
  const clock = new ManualClock();
  await using server = await rawServer((socket) => {
    socket.once('data', () => void socket.write(`${ok}ok\r\n`));
  });
  await using transport = transportTo(server, { clock });
  const say = (bytes: string): void => {
    for (const socket of server.sockets) socket.write(bytes);
  };
  const { body } = await transport.send(post(undefined));
  await clock.advance(200_000);
  const reader = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  assert.equal(String((await reader.next()).value), 'ok');
  const next = reader.next();
  say('2\r\nok\r\n');
  assert.equal(String((await next).value), 'ok');
  await clock.advance(200_000);
  say('0\r\n\r\n');
  assert.equal((await reader.next()).done, true);
});

test('connections without a request are closed: those beyond a number, and all after a while', async () => {
  const clock = new ManualClock();
  const waiting: (() => void)[] = [];
  await using server = await serveHttp((_, response) => void waiting.push(() => response.end()));
  await using transport = transportTo(server, { clock, limits: { idleConnectionsMax: 2 } });
  const answers = ['/1', '/2', '/3'].map((path) => transport.send(get(path)).then(textOf));
  await until(() => waiting.length === 3);
  for (const answer of waiting) answer();
  await Promise.all(answers);
  await until(() => server.sockets.size === 2);
  await clock.advance(80_000);
  await turn();
  assert.equal(server.sockets.size, 2);
  await clock.advance(30_000);
  await until(() => server.sockets.size === 0);
});

test('an answer that comes before the whole request ends the connection and the request', async () => {
  let isLeft = false;
  await using server = await rawServer((socket) => {
    socket.once('data', () => {
      socket.pause();
      socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno');
    });
  });
  await using transport = transportTo(server);
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      while (true) {
        await turn();
        yield Buffer.alloc(64 * 1024);
      }
    } finally {
      isLeft = true;
    }
  }
  const answer = await transport.send(post(endless()));
  assert.deepEqual([answer.status, await textOf(answer)], [413, 'no']);
  await until(() => isLeft);
  for (const socket of server.sockets) socket.resume();
  await until(() => server.sockets.size === 0);
});

test('a body that is not as long as announced does not become another request', async () => {
  const seen: string[] = [];
  await using server = await rawServer((socket) => {
    socket.on('data', (bytes) => void seen.push(bytes.toString('latin1')));
  });
  await using transport = transportTo(server);
  async function* body(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  for (const [pieces, message] of [
    [['abc', 'GET /smuggled HTTP/1.1\r\n\r\n'], /longer than its content-length/],
    [['ab'], /shorter than its content-length/],
  ] as const) {
    const asked = { ...post(body(...pieces)), headers: { 'content-length': '3' } };
    await assert.rejects(transport.send(asked), message);
  }
  await until(() => server.sockets.size === 0);
  assert.doesNotMatch(seen.join(''), /smuggled/);
});

test('what a server says without being asked is the answer to nothing', async () => {
  const stolen = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen';
  let count = 0;
  let behind = '';
  await using server = await rawServer((socket) => {
    socket.on('data', () => {
      count += 1;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${count}${behind}`);
    });
  });
  await using transport = transportTo(server);
  // While it waits for nothing, or together with an answer.
  assert.equal(await textOf(await transport.send(get('/'))), '1');
  for (const socket of server.sockets) socket.write(stolen);
  await until(() => server.sockets.size === 0);
  behind = stolen;
  for (const wanted of ['2', '3']) {
    assert.equal(await textOf(await transport.send(get('/'))), wanted);
    await until(() => server.sockets.size === 0);
  }
  assert.equal(server.connectionCount(), 3);
});

for (const [name, request] of Object.entries({
  'a line break in the path': { path: '/a\r\nX: y' },
  'a line break in a value': { headers: { a: 'b\r\nX: y' } },
  'a line break in a name': { headers: { 'a\r\nX': 'y' } },
  'a blank in the method': { method: 'GET / HTTP/1.1\r\nX:' },
})) {
  test(`nothing is sent of a request with ${name}`, async () => {
    await using server = await rawServer(() => {});
    await using transport = transportTo(server);
    await assert.rejects(transport.send({ ...get('/'), ...request }), TypeError);
    assert.equal(server.connectionCount(), 0);
  });
}

function rawServer(onConnection: (socket: Socket) => void): Promise<SmallServer> {
  return listen(createTcp(onConnection), 'http');
}

function transportTo(server: SmallServer, options: Partial<TransportOptions> = {}): Transport {
  return buildTransport(server.target, { clock: systemClock, random: seededRandom(1), ...options });
}

function get(path: string, request: { query?: string; signal?: AbortSignal } = {}): HttpRequest {
  const { query = '', signal = new AbortController().signal } = request;
  return { method: 'GET', path, query, headers: {}, body: undefined, signal };
}

function post(body: HttpBody): HttpRequest {
  return { ...get('/'), method: 'POST', body };
}

async function textOf({ body }: HttpResponse): Promise<string> {
  return Buffer.from(await readBody(body, 1e6)).toString();
}

/** Real sockets need real turns of the event loop, but no particular time. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turns = 0; turns < 50_000; turns++) {
    if (isTrue()) return;
    await turn();
  }
  assert.fail(`still not true: ${isTrue}`);
}
