import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Socket, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { ManualClock, settle } from '@fairway/host/testing';
import { connectHttp2, sendHttp1, sendHttp2, sendRaw } from '@fairway/serving/testing';
import { Exchange } from '../src/ingress/exchange.ts';
import { deadPort, serveIngress, startBackend, startRawBackend } from './served-ingress.ts';

const pki = await makeTestCertificates();

/** Answers with what came, as JSON. */
const startEcho = () =>
  startBackend((request, response) => {
    const { method, url, headers, rawHeaders } = request;
    void text(request).then((body) =>
      response.end(JSON.stringify({ method, url, headers, rawHeaders, body })),
    );
  });

test('a request reaches the program as it came, with where it came from', async () => {
  await using backend = await startEcho();
  await using ingress = await serveIngress([backend.port]);
  const sent = await sendHttp1(`http://127.0.0.1:${ingress.port}/a%2fb/c?q=1&q=2`, {
    method: 'POST',
    body: 'hello',
    headers: {
      host: 'Shop.example:8080',
      'x-forwarded-for': '1.2.3.4',
      x_forwarded_for: '1.2.3.5',
      'x-forwarded-proto': 'https',
      'x-real-ip': '1.2.3.4',
      forwarded: 'for=1.2.3.4',
      connection: 'close, x-hop',
      'x-hop': 'dropped',
      te: 'trailers',
      cookie: 'a=b',
    },
  });
  assert.equal(sent.status, 200);
  const { method, url, headers, body } = JSON.parse(sent.text);
  assert.deepEqual([method, url, body], ['POST', '/a%2fb/c?q=1&q=2', 'hello']);
  assert.equal(headers.host, 'Shop.example:8080');
  assert.equal(headers.cookie, 'a=b');
  assert.equal(headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(headers['x-real-ip'], '127.0.0.1');
  assert.equal(headers['x-forwarded-proto'], 'http');
  assert.equal(headers['x-forwarded-host'], 'Shop.example:8080');
  assert.equal(headers['x-forwarded-port'], '8080');
  for (const name of ['x_forwarded_for', 'forwarded', 'x-hop', 'te']) {
    assert.equal(headers[name], undefined, name);
  }
  const [access] = ingress.accesses;
  assert.deepEqual([access?.status, access?.route?.service], [200, 'web']);
});

test('HTTP/2 and HTTP/1.1 over TLS lead to the same program', async () => {
  await using backend = await startEcho();
  await using ingress = await serveIngress([backend.port], { tls: pki.tls });
  const trust = { ca: pki.authority.certificate };
  const url = `https://127.0.0.1:${ingress.port}`;
  using client = await connectHttp2(url, trust);
  const [get, post] = await Promise.all([
    sendHttp2(client.session, { ':path': '/get', ':authority': 'shop.example' }),
    sendHttp2(client.session, { ':path': '/post', ':method': 'DELETE' }, 'a body'),
  ]);
  const { headers } = JSON.parse(get.text);
  assert.equal(headers.host, 'shop.example');
  assert.equal(headers['x-forwarded-proto'], 'https');
  assert.equal(headers['x-forwarded-port'], '443');
  assert.deepEqual(JSON.parse(post.text).body, 'a body');
  const named = { ...trust, servername: 'localhost', headers: { host: 'shop.example' } };
  const http1 = await sendHttp1(`${url}/x`, named);
  assert.equal(JSON.parse(http1.text).url, '/x');
});

test('connections to programs are kept, and answers come in pieces at the pace of their reader', async () => {
  const pieces = 64;
  await using backend = await startBackend((request, response) => {
    if (request.url === '/small') return void response.end('small');
    for (let at = 0; at < pieces; at++) response.write(Buffer.alloc(64 * 1024, String(at % 10)));
    response.end();
  });
  await using ingress = await serveIngress([backend.port]);
  for (let round = 0; round < 5; round++) {
    const { text: said } = await sendHttp1(`http://127.0.0.1:${ingress.port}/small`);
    assert.equal(said, 'small');
  }
  assert.equal(backend.connectionCount, 1);
  const large = await sendHttp1(`http://127.0.0.1:${ingress.port}/large`);
  assert.equal(large.text.length, pieces * 64 * 1024);
  const head = await sendHttp1(`http://127.0.0.1:${ingress.port}/small`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
});

test('no more connections are kept than a backend is to have', async () => {
  const waiting: (() => void)[] = [];
  await using backend = await startBackend((_, response) => {
    waiting.push(() => response.end('ok'));
    if (waiting.length === 5) for (const answer of waiting) answer();
  });
  await using ingress = await serveIngress([backend.port], { limits: { idleConnectionsMax: 2 } });
  const url = `http://127.0.0.1:${ingress.port}/`;
  await Promise.all(Array.from({ length: 5 }, () => sendHttp1(url)));
  assert.equal(backend.connectionCount, 5);
  for (let round = 0; round < 500 && backend.openCount > 2; round++) await settle();
  assert.equal(backend.openCount, 2);
});

test('a connection that does not come about is left after a while, with nothing sent', async () => {
  const clock = new ManualClock();
  const connecting = Object.assign(new Socket(), { connecting: true });
  const outgoing = httpRequest({ createConnection: () => connecting });
  const headers = {};
  const { signal } = new AbortController();
  const request = { method: 'GET', path: '/', query: '', headers, body: undefined, signal };
  const limits = { connectTimeoutMs: 5_000, stallTimeoutMs: 60_000 };
  const { answer } = new Exchange(outgoing, { request, clock, ...limits });
  const failed = assert.rejects(answer, { name: 'BackendError', problem: 'slow', isUnsent: true });
  await clock.advance(5_000);
  await failed;
});

test('a WebSocket goes through, in both directions', async () => {
  await using backend = await startRawBackend((socket, said) => {
    if (!said.startsWith('GET ')) return void socket.end(`heard ${said}`);
    assert.match(said, /\r\nupgrade: websocket\r\n/i);
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello ',
    );
  });
  await using ingress = await serveIngress([backend.port]);
  const outgoing = httpRequest({
    port: ingress.port,
    headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'x' },
  });
  outgoing.end();
  const [incoming, socket, head] = await once(outgoing, 'upgrade');
  assert.equal(incoming.statusCode, 101);
  socket.write('me');
  assert.equal(String(head) + (await text(socket)), 'hello heard me');
  assert.equal(ingress.accesses[0]?.status, 101);
});

test('a program that is not reached is passed over, and one that has heard something is not', async () => {
  const dead = await deadPort();
  let heard = 0;
  await using deaf = await startRawBackend((socket) => {
    heard += 1;
    socket.destroy();
  });
  await using backend = await startEcho();
  await using passing = await serveIngress([dead, backend.port]);
  const post = { method: 'POST', body: 'once' };
  for (let round = 0; round < 4; round++) {
    const { status } = await sendHttp1(`http://127.0.0.1:${passing.port}/`, post);
    assert.equal(status, 200);
  }
  await using cut = await serveIngress([deaf.port, backend.port]);
  const refused = await sendHttp1(`http://127.0.0.1:${cut.port}/`, post);
  assert.equal(refused.status, 502);
  assert.match(refused.text, /has not answered as it should\n$/);
  assert.equal(heard, 1, 'it was asked once');
  await using late = await serveIngress([dead, dead, dead, backend.port]);
  const tried = await sendHttp1(`http://127.0.0.1:${late.port}/`);
  assert.equal(tried.status, 502, 'three are asked, and no more');
  await using none = await serveIngress([dead, dead]);
  const gone = await sendHttp1(`http://127.0.0.1:${none.port}/`);
  assert.deepEqual([gone.status, gone.text], [502, 'no program of the service is reached\n']);
  await using empty = await serveIngress([]);
  const without = await sendHttp1(`http://127.0.0.1:${empty.port}/`);
  assert.deepEqual(
    [without.status, without.text, without.headers['retry-after']],
    [503, 'no program of the service is ready\n', '1'],
  );
  assert.equal(empty.accesses[0]?.why, 'the service shop/web has no ready endpoints');
});

test('what only asks is asked again when a kept connection was closed just then, a write is not', async () => {
  let requests = 0;
  await using backend = await startRawBackend((socket) => {
    requests += 1;
    // Every second one hears a request and hangs up, as when its time was up.
    if (requests % 2 === 0) socket.destroy();
    else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  });
  await using ingress = await serveIngress([backend.port]);
  const url = `http://127.0.0.1:${ingress.port}/`;
  assert.equal((await sendHttp1(url)).status, 200);
  assert.equal((await sendHttp1(url)).status, 200, 'over another connection');
  assert.equal(requests, 3);
  assert.equal((await sendHttp1(url, { method: 'POST' })).status, 502);
  assert.equal(requests, 4);
});

test('a program that says nothing, or no more, is left after a while', async () => {
  const clock = new ManualClock();
  await using backend = await startRawBackend((socket, said) => {
    if (said.startsWith('GET /begun'))
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbegun');
  });
  await using ingress = await serveIngress([backend.port], { clock });
  const untilAsked = async (): Promise<void> => {
    const before = backend.connectionCount;
    for (let round = 0; round < 500 && backend.connectionCount === before; round++) await settle();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const silent = sendHttp1(`http://127.0.0.1:${ingress.port}/silent`);
  await untilAsked();
  await clock.advance(59_000);
  assert.equal(ingress.accesses.length, 0, 'it has a minute');
  await clock.advance(1_000);
  const { status, text: said } = await silent;
  assert.deepEqual([status, said], [504, 'the program of the service takes too long\n']);
  const outgoing = httpRequest({ port: ingress.port, path: '/begun' });
  outgoing.end();
  const [incoming] = await once(outgoing, 'response');
  incoming.once('data', () => void clock.advance(60_000));
  await assert.rejects(text(incoming), { code: 'ECONNRESET' });
  for (let round = 0; round < 500 && backend.openCount > 0; round++) await settle();
  assert.equal(backend.openCount, 0, 'nobody waits for the rest');
});

test('a client that sends no more of its body is told so after a while', async () => {
  const clock = new ManualClock();
  await using backend = await startRawBackend(() => {});
  await using ingress = await serveIngress([backend.port], { clock });
  const socket = connect(ingress.port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhel');
  const answered = text(socket);
  for (let round = 0; round < 500 && backend.connectionCount === 0; round++) await settle();
  for (let round = 0; round < 20; round++) await settle();
  await clock.advance(61_000);
  await clock.advance(61_000);
  assert.match(await answered, /^HTTP\/1\.1 408 [^]*the request takes too long\n$/);
});

test('a program that lies about the length of its answer harms nobody else', async () => {
  await using backend = await startRawBackend((socket, said) => {
    if (said.startsWith('GET /short'))
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfive!');
    else if (said.startsWith('GET /cut')) {
      socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfive!\r\n');
    } else if (said.startsWith('GET /long')) {
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil',
      );
    } else if (said.startsWith('GET /late')) {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      setImmediate(() =>
        setImmediate(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil')),
      );
    } else if (said.startsWith('GET /both')) {
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      );
    } else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood');
  });
  await using ingress = await serveIngress([backend.port]);
  const get = (path: string) => sendHttp1(`http://127.0.0.1:${ingress.port}${path}`);
  await assert.rejects(get('/short'), { code: 'ECONNRESET' });
  await assert.rejects(get('/cut'), { code: 'ECONNRESET' });
  for (const path of ['/long', '/late']) {
    assert.equal((await get(path)).text, 'ok');
    for (let round = 0; round < 500 && backend.openCount > 0; round++) await settle();
    assert.equal(backend.openCount, 0, `${path} cuts its connection`);
    assert.equal((await get('/next')).text, 'good', `after ${path}`);
  }
  assert.equal((await get('/both')).status, 502);
});

test('requests that could be understood in two ways are refused', async () => {
  let reached = 0;
  await using backend = await startBackend((_, response) => {
    reached += 1;
    response.end('reached');
  });
  await using ingress = await serveIngress([backend.port]);
  const head = (text: string): string =>
    `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${text}`;
  for (const [why, bytes] of Object.entries({
    'two lengths that differ': head('content-length: 1\r\ncontent-length: 2\r\n\r\nab'),
    'length and chunks': head('content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
    'chunks and length': head('transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n'),
    'unknown encoding': head('transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n'),
    'encoding with a tab': head('transfer-encoding:\tchunked, x\r\n\r\n0\r\n\r\n'),
    'size of a chunk': head('transfer-encoding: chunked\r\n\r\nxyz\r\nab\r\n0\r\n\r\n'),
    'space before the colon': head('content-length : 2\r\n\r\nab'),
    'folded header': head('x-a: b\r\n c\r\ncontent-length: 0\r\n\r\n'),
    'negative length': head('content-length: -1\r\n\r\n'),
    'length with a plus': head('content-length: +2\r\n\r\nab'),
    'bare CR': head('x-a: b\rcontent-length: 2\r\n\r\nab'),
    'two hosts': 'GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n',
    'no host': 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n',
    'a host that is none': 'GET / HTTP/1.1\r\nhost: a/b\r\nconnection: close\r\n\r\n',
    'a way up': 'GET /a/..%2f.. HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
    'no path': 'GET a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
  })) {
    assert.match(await sendRaw(ingress.port, bytes), /^HTTP\/1\.1 400 /, why);
  }
  assert.equal(reached, 0);
});

test('a body and headers have bounds', async () => {
  await using backend = await startEcho();
  await using ingress = await serveIngress([backend.port], { bodyBytesMax: 10 });
  const url = `http://127.0.0.1:${ingress.port}/`;
  const whole = await sendHttp1(url, { method: 'POST', body: 'x'.repeat(11) });
  assert.equal(whole.status, 413);
  const chunks = 'transfer-encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n';
  const raw = await sendRaw(
    ingress.port,
    `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${chunks}`,
  );
  assert.match(raw, /^HTTP\/1\.1 413 /);
  assert.equal((await sendHttp1(url, { method: 'POST', body: 'x'.repeat(10) })).status, 200);
  const large = await sendHttp1(url, { headers: { 'x-large': 'x'.repeat(70_000) } });
  assert.equal(large.status, 431);
});

test('a client that goes away ends its request at the program', async () => {
  const closed = Promise.withResolvers<void>();
  await using backend = await startRawBackend(
    (socket) => void socket.once('close', () => closed.resolve()),
  );
  await using ingress = await serveIngress([backend.port]);
  const socket = connect(ingress.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  for (let round = 0; round < 500 && backend.connectionCount === 0; round++) await settle();
  socket.destroy();
  await closed.promise;
});

test('thousands of idle connections leave room for one that asks', async () => {
  await using backend = await startEcho();
  await using ingress = await serveIngress([backend.port]);
  const idle = await Promise.all(
    Array.from({ length: 2_000 }, async () => {
      const socket = connect(ingress.port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    }),
  );
  assert.equal((await sendHttp1(`http://127.0.0.1:${ingress.port}/`)).status, 200);
  for (const socket of idle) socket.destroy();
});
