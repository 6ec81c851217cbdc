import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import http from 'node:http';
import type http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { Secret, silentLogger } from '@fairway/host';
import { systemClock } from '@fairway/host/nodejs';
import { ManualClock, settle } from '@fairway/host/testing';
import { type HttpRequest, type HttpResponse, badRequest } from '@fairway/protocol';
import { makeTestCertificates } from '@fairway/certificates/testing';
import {
  connectHttp2,
  listenForTest,
  sendHttp1,
  sendHttp2,
  sendRaw,
  textResponse,
} from '@fairway/serving/testing';
import { readCertificate } from '@fairway/certificates';
import { ListenError } from './listen-error.ts';
import { listen } from './listen.ts';
import { defaultServingLimits } from './serving-limits.ts';

const pki = await makeTestCertificates();
const trust = { ca: pki.authority.certificate };
const ann = { cert: pki.client.certificate, key: pki.client.key.reveal() };
const stranger = { cert: pki.stranger.certificate, key: pki.stranger.key.reveal() };

async function echo(request: HttpRequest): Promise<HttpResponse> {
  const chunks: Uint8Array[] = [];
  if (request.body !== undefined && !(request.body instanceof Uint8Array)) {
    for await (const chunk of request.body) chunks.push(chunk);
  }
  const { method, path, query, headers, peer } = request;
  const who =
    peer?.certificate === undefined
      ? undefined
      : { ...readCertificate(peer.certificate).subject, isTrusted: peer.isCertificateTrusted };
  const body = request.body === undefined ? undefined : Buffer.concat(chunks).toString();
  const seen = { method, path, query, headers, address: peer?.address, who, body };
  return textResponse(JSON.stringify(seen));
}

test('listen() tells who sends HTTP to a TLS port so, from the first byte on', async () => {
  await using listener = await listenForTest(echo, { tls: pki.tls });
  for (const bytes of [
    'G',
    'DELETE /api HTTP/1.1\r\nhost: a\r\n\r\n',
    `POST /${'x'.repeat(1e6)}`,
  ]) {
    assert.equal(
      await sendRaw(listener.port, bytes),
      'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n',
    );
  }
  const ours = await sendHttp1(listener.url, trust);
  assert.equal(ours.status, 200);
  assert.deepEqual(listener.errors, []);
});

test('listen() cuts who says nothing on a TLS port, and who stays after the refusal', async () => {
  const clock = new ManualClock();
  await using listener = await listenForTest(echo, { tls: pki.tls, clock });
  const { handshakeTimeoutMs, unreadBodyLingerMs } = defaultServingLimits;
  for (const [bytes, waitMs] of [
    ['', handshakeTimeoutMs],
    ['GET', unreadBodyLingerMs],
  ] as const) {
    const socket = net.connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {}); // A reset, where bytes were left unread.
    await once(socket, 'connect');
    if (bytes !== '') {
      socket.write(bytes);
      await once(socket, 'data');
    }
    while (listener.connectionCount === 0) await settle();
    await clock.advance(waitMs - 1);
    assert.equal(listener.connectionCount, 1);
    await clock.advance(1);
    assert.equal(listener.connectionCount, 0);
    socket.destroy();
  }
});

test('listen() refuses a header twice that there is one of', async () => {
  await using listener = await listenForTest(echo);
  await using secure = await listenForTest(echo, { tls: pki.tls });
  using client = await connectHttp2(secure.url, trust);
  const twice = {
    host: ['127.0.0.1', 'evil'],
    origin: ['http://127.0.0.1', 'http://evil'],
    'sec-fetch-site': ['none', 'cross-site'],
    authorization: ['Bearer a', 'Bearer b'],
    'content-type': ['application/json', 'application/yaml'],
    'content-length': ['0', '0'],
  };
  for (const [name, values] of Object.entries(twice)) {
    const lines = values.map((value) => `${name.toUpperCase()}: ${value}\r\n`).join('');
    const host = name === 'host' ? '' : 'host: a\r\n';
    const head = `GET / HTTP/1.1\r\nconnection: close\r\n${host}${lines}\r\n`;
    const answer = await sendRaw(listener.port, head);
    assert.match(answer, /^HTTP\/1\.1 400 .*"kind":"Status"/s, name);
    // The others Node.js itself does not send twice.
    if (name !== 'origin' && name !== 'sec-fetch-site') continue;
    const pairs = values.flatMap((value) => [name, value]);
    const stream = client.session.request([':method', 'GET', ':path', '/', ...pairs]);
    const [received] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
    assert.equal(received[':status'], 400, name);
    assert.match(String(Buffer.concat(await stream.toArray())), /came more than once/);
  }
  const both = await sendHttp2(client.session, { ':authority': 'a', host: 'b', ':path': '/' });
  assert.equal(both.status, 400);
  assert.match(both.text, /host.*differs from.*authority/);
  assert.deepEqual([...listener.errors, ...secure.errors], []);
});

test('listen() answers HTTP/2 and HTTP/1.1 on one TLS port', async () => {
  await using listener = await listenForTest(echo, { tls: pki.tls });
  using client = await connectHttp2(listener.url, trust);
  const second = await sendHttp2(
    client.session,
    {
      ':method': 'POST',
      ':path': '/a%2Fb/../c?x=1&y=?',
      'impersonate-group': ['one', 'two'],
      __proto__: 'x',
      constructor: 'y',
    },
    'hello',
  );
  const seen = JSON.parse(second.text);
  assert.equal(seen.path, '/a%2Fb/../c');
  assert.equal(seen.query, 'x=1&y=?');
  assert.deepEqual(seen.headers['impersonate-group'], ['one', 'two']);
  assert.equal(seen.headers['constructor'], 'y');
  assert.equal(seen.headers.host, `127.0.0.1:${listener.port}`);
  assert.equal(seen.body, 'hello');
  assert.equal(seen.address, '127.0.0.1');
  assert.equal(second.headers['content-length'], String(second.text.length));

  const first = await sendHttp1(`${listener.url}/p?q`, {
    ...trust,
    method: 'POST',
    headers: { 'impersonate-group': ['one', 'two'] },
    body: 'hello',
  });
  assert.deepEqual(JSON.parse(first.text).headers['impersonate-group'], ['one', 'two']);
  assert.equal(JSON.parse(first.text).body, 'hello');
});

test('listen() gives no body to a request that has none', async () => {
  await using listener = await listenForTest(echo, { tls: pki.tls });
  using client = await connectHttp2(listener.url, trust);
  assert.equal('body' in JSON.parse((await sendHttp2(client.session, {})).text), false);
  assert.equal('body' in JSON.parse((await sendHttp1(listener.url, trust)).text), false);
});

test('listen() tells who the client is, and whether its certificate chains to ours', async () => {
  await using listener = await listenForTest(echo, { tls: pki.tls });
  const who = async (credentials: object): Promise<unknown> => {
    using client = await connectHttp2(listener.url, { ...trust, ...credentials });
    const second = JSON.parse((await sendHttp2(client.session, {})).text).who;
    const first = JSON.parse(
      (await sendHttp1(listener.url, { ...trust, ...credentials })).text,
    ).who;
    assert.deepEqual(first, second);
    return first;
  };
  const subject = { commonName: 'ann', organizations: ['ops'] };
  assert.deepEqual(await who(ann), { ...subject, isTrusted: true });
  assert.deepEqual(await who(stranger), { ...subject, isTrusted: false });
  assert.equal(await who({}), undefined);
});

test('listen() knows the client again when it resumes a TLS session', async () => {
  await using listener = await listenForTest(echo, { tls: pki.tls });
  const connect = async (
    session?: Buffer,
  ): Promise<{ isReused: boolean; ticket?: Buffer | undefined }> => {
    const options = { ...trust, ...ann, port: listener.port, host: '127.0.0.1' };
    const socket = tls.connect({ ...options, ...(session === undefined ? {} : { session }) });
    let ticket: Buffer | undefined;
    let isReused = false;
    socket.once('secureConnect', () => (isReused = socket.isSessionReused()));
    socket.on('session', (issued: Buffer) => (ticket = issued));
    socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    const text = Buffer.concat(await socket.toArray()).toString();
    assert.match(text, /"commonName":"ann","organizations":\["ops"\],"isTrusted":true/);
    return { isReused, ticket };
  };
  const { ticket } = await connect();
  const { isReused } = await connect(ticket);
  assert.equal(isReused, true);
});

test('listen() speaks nothing older than TLS 1.2', async () => {
  await using listener = await listenForTest(echo, { tls: pki.tls });
  const options = { ...trust, port: listener.port, host: '127.0.0.1' };
  const old = tls.connect({ ...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
  await assert.rejects(once(old, 'secureConnect'));
  using _ = await connectHttp2(listener.url, { ...trust, maxVersion: 'TLSv1.2' });
});

test('replaceTls() changes what new connections see', async () => {
  const other = await makeTestCertificates();
  await using listener = await listenForTest(echo, { tls: pki.tls });
  listener.replaceTls(other.tls);
  await assert.rejects(connectHttp2(listener.url, trust));
  using client = await connectHttp2(listener.url, {
    ca: other.authority.certificate,
    cert: other.client.certificate,
    key: other.client.key.reveal(),
  });
  assert.equal(JSON.parse((await sendHttp2(client.session, {})).text).who.isTrusted, true);
  assert.throws(
    () => listener.replaceTls({ ...other.tls, key: pki.client.key }),
    (error) => error instanceof ListenError && error.problem === 'certificate-unusable',
  );
});

test('listen() turns what a handler throws into a Status', async () => {
  await using listener = await listenForTest(
    async ({ path }) => {
      throw path === '/mine' ? new Error('secret detail') : badRequest('name is missing');
    },
    { tls: pki.tls },
  );
  using client = await connectHttp2(listener.url, trust);
  const refused = await sendHttp2(client.session, { ':path': '/yours' });
  assert.equal(refused.status, 400);
  assert.equal(JSON.parse(refused.text).message, 'name is missing');
  const failed = await sendHttp1(`${listener.url}/mine`, trust);
  assert.equal(failed.status, 500);
  assert.equal(JSON.parse(failed.text).reason, 'InternalError');
  assert.doesNotMatch(failed.text, /secret|at /);
});

test('listen() answers HEAD, 204 and 304 without a body', async () => {
  await using listener = await listenForTest(
    async ({ path }) => ({ ...textResponse('abc'), status: Number(path.slice(1)) }),
    { tls: pki.tls },
  );
  using client = await connectHttp2(listener.url, trust);
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const) {
    const path = `/${status}`;
    const second = await sendHttp2(client.session, { ':method': method, ':path': path });
    assert.deepEqual([second.status, second.text], [status, '']);
    const first = await sendHttp1(listener.url + path, { ...trust, method });
    assert.deepEqual([first.status, first.text], [status, '']);
    if (method === 'HEAD') assert.equal(first.headers['content-length'], '3');
  }
});

test('listen() accepts the absolute form and refuses targets that are no path', async () => {
  await using listener = await listenForTest(echo);
  const request = (target: string) =>
    sendRaw(listener.port, `GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  const absolute = await request('http://other:1/p?q');
  assert.match(absolute, /"path":"\/p","query":"q".*"host":"other:1"/);
  assert.match(await request('*'), /^HTTP\/1\.1 400 .*"reason":"BadRequest"/s);
});

test('listen() refuses what is not HTTP with a Status', async () => {
  await using listener = await listenForTest(echo);
  const malformed = [
    'GARBAGE\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: a\r\nbad header: x\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ];
  for (const bytes of malformed) {
    const answer = await sendRaw(listener.port, Buffer.from(bytes, 'latin1'));
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n.*"kind":"Status"/s, bytes);
  }
  assert.deepEqual(listener.errors, []);
});

test('listen() refuses headers beyond the limit, on both protocols', async () => {
  await using plain = await listenForTest(echo);
  const big = `GET / HTTP/1.1\r\nhost: a\r\nbig: ${'x'.repeat(70_000)}\r\n\r\n`;
  assert.match(await sendRaw(plain.port, big), /^HTTP\/1\.1 431 /);
  await using secure = await listenForTest(echo, { tls: pki.tls });
  using client = await connectHttp2(secure.url, trust);
  const one = { big: 'x'.repeat(70_000) };
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`h${at}`, 'x']));
  for (const headers of [one, many]) {
    const answer = await sendHttp2(client.session, headers).then(
      ({ status }) => status,
      () => 'refused',
    );
    assert.ok(answer === 431 || answer === 'refused', String(answer));
  }
  // The connection may be gone, the server is not.
  using again = await connectHttp2(secure.url, trust);
  assert.equal((await sendHttp2(again.session, {})).status, 200);
});

test('listen() hangs up on headers that come too slowly', async () => {
  await using listener = await listenForTest(echo, { limits: { headersTimeoutMs: 50 } });
  assert.match(await sendRaw(listener.port, 'GET / HTTP/1.1\r\nhost: a\r\n'), /^HTTP\/1\.1 408 /);
});

test('listen() hangs up on handshakes that do not come', async () => {
  await using listener = await listenForTest(echo, {
    tls: pki.tls,
    limits: { handshakeTimeoutMs: 50 },
  });
  assert.equal(await sendRaw(listener.port, ''), '');
});

test('listen() ends idle HTTP/2 connections, but not one with a silent watch', async () => {
  const started = Promise.withResolvers<AbortSignal>();
  await using listener = await listenForTest(
    async ({ path, signal }) => {
      if (path !== '/watch') return textResponse('ok');
      started.resolve(signal);
      return { status: 200, headers: {}, body: silence() };
    },
    { tls: pki.tls, limits: { idleTimeoutMs: 60 } },
  );
  using watching = await connectHttp2(listener.url, trust);
  watching.session.request({ ':path': '/watch' }).on('error', () => {});
  const signal = await started.promise;
  using idle = await connectHttp2(listener.url, trust);
  await once(idle.session, 'close');
  using idleLater = await connectHttp2(listener.url, trust);
  await once(idleLater.session, 'close');
  assert.equal(signal.aborted, false);
});

test('listen() says why it cannot, and what to do', async () => {
  await using listener = await listenForTest(echo);
  const at = { host: '127.0.0.1', port: listener.port };
  const failure = async (options: object): Promise<ListenError> => {
    const error: unknown = await listen({
      ...at,
      handler: echo,
      logger: silentLogger,
      clock: systemClock,
      ...options,
    }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ListenError);
    return error;
  };
  const inUse = await failure({});
  assert.equal(inUse.problem, 'address-in-use');
  assert.match(
    inUse.message,
    new RegExp(
      `^cannot listen on 127\\.0\\.0\\.1:${listener.port}: the address is already in use; `,
    ),
  );
  assert.equal((await failure({ host: '203.0.113.1', port: 0 })).problem, 'address-unknown');
  assert.equal((await failure({ host: 'no-such-host.invalid' })).problem, 'address-unknown');
  const badKey = { ...pki.tls, key: new Secret('nonsense') };
  const unusable = await failure({ port: 0, tls: badKey });
  assert.equal(unusable.problem, 'certificate-unusable');
  assert.doesNotMatch(unusable.message, /nonsense/);
});

test('listen() serves a Unix socket, replaces a dead one and keeps a live one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-listen-'));
  const path = join(directory, 'api.sock');
  const options = { path, mode: 0o600, handler: echo, logger: silentLogger, clock: systemClock };
  try {
    {
      await using first = await listen(options);
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.equal(first.url, `unix:${path}`);
      const request = http.get({ socketPath: path, agent: false, path: '/x' });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      assert.equal(JSON.parse(Buffer.concat(await response.toArray()).toString()).path, '/x');
      await assert.rejects(listen(options), (error) => {
        return error instanceof ListenError && error.problem === 'address-in-use';
      });
    }
    await using _ = await listen(options);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('listen() bears hundreds of idle and half-open connections', async () => {
  await using listener = await listenForTest(echo, { tls: pki.tls });
  const sockets = Array.from({ length: 500 }, () => net.connect(listener.port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const [index, socket] of sockets.entries()) {
    socket.on('error', () => {});
    if (index % 3 === 0) socket.write(Buffer.from([22, 3, 1]));
    // Not both: Node.js never closes, and polls forever, a socket that is reset while it ends.
    if (index % 5 === 0) socket.resetAndDestroy();
    else if (index % 3 === 1) socket.end();
  }
  using client = await connectHttp2(listener.url, trust);
  assert.equal((await sendHttp2(client.session, {})).status, 200);
  for (const socket of sockets) socket.destroy();
  for (const socket of sockets) if (!socket.closed) await once(socket, 'close');
  // Each of them is let go of; only our own is left.
  while (listener.connectionCount > 1) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(listener.errors, []);
});

for (const bodyBytes of [48 * 1024, 8 * 1024 * 1024]) {
  test(`listen() cuts those that do not read bodies of ${bodyBytes} bytes once too much waits for them`, async () => {
    const clock = new ManualClock();
    const body = Buffer.alloc(bodyBytes);
    await using listener = await listen({
      host: '127.0.0.1',
      port: 0,
      handler: async ({ path }) =>
        path === '/small' ? textResponse('ok') : { status: 200, headers: {}, body },
      logger: silentLogger,
      clock,
      limits: { unreadBytesMax: 512 * 1024, writeStallMs: 3_600_000, idleTimeoutMs: 3_600_000 },
    });
    const { port } = new URL(listener.url);
    const idle = net.connect(Number(port), '127.0.0.1');
    // Far more requests than the system's own buffers hold answers to.
    idle.write(
      'GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(Math.ceil((32 * 1024 * 1024) / bodyBytes)),
    );
    idle.pause();
    idle.on('error', () => {});
    const closed = new Promise<void>((resolve) => idle.once('close', () => resolve()));
    while (listener.connectionCount === 0) await new Promise((resolve) => setImmediate(resolve));
    for (let step = 0; listener.connectionCount > 0 && step < 200; step++) await clock.advance(500);
    const openConnections = listener.connectionCount;
    idle.destroy();
    await closed;
    assert.equal(openConnections, 0, 'it was not cut');
    assert.equal((await sendHttp1(`${listener.url}/small`)).text, 'ok');
  });
}

test('close() lets requests finish, tells connections to go, and frees the port', async () => {
  const bothEntered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  let entered = 0;
  const listener = await listenForTest(
    async () => {
      entered += 1;
      if (entered === 2) bothEntered.resolve();
      await leave.promise;
      return textResponse('finished');
    },
    { tls: pki.tls },
  );
  using client = await connectHttp2(listener.url, trust);
  const agent = new https.Agent({ keepAlive: true });
  const second = sendHttp2(client.session, {});
  const first = sendHttp1(listener.url, { ...trust, agent });
  const goaway = once(client.session, 'goaway');
  await bothEntered.promise;
  const closed = listener.close({ graceMs: 10_000 });
  await goaway;
  await assert.rejects(connectHttp2(listener.url, trust));
  leave.resolve();
  assert.equal((await second).text, 'finished');
  assert.equal((await first).text, 'finished');
  await closed;
  agent.destroy();
});

test('close() ends idle connections at once and cuts watches when the grace is over', async () => {
  const signals: AbortSignal[] = [];
  const listener = await listenForTest(
    async ({ signal }) => {
      signals.push(signal);
      return { status: 200, headers: {}, body: silence() };
    },
    { tls: pki.tls },
  );
  using idle = await connectHttp2(listener.url, trust);
  using watching = await connectHttp2(listener.url, trust);
  const stream = watching.session.request({});
  stream.on('error', () => {});
  await once(stream, 'response');
  const silent = tls.connect({ ...trust, port: listener.port, host: '127.0.0.1' });
  silent.on('error', () => {});
  await once(silent, 'secureConnect');
  const ended = Promise.all([idle.session, silent].map((each) => once(each, 'close')));
  const closed = listener.close({ graceMs: 200 });
  await ended;
  assert.equal(signals[0]?.aborted, false);
  await closed;
  if (signals[0]?.aborted === false) await once(signals[0], 'abort');
});

/** A watch on which nothing ever happens. */
function silence(): AsyncIterable<Uint8Array> {
  let end: (() => void) | undefined;
  const done = { done: true, value: undefined } as const;
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise((resolve) => (end = () => resolve(done))),
      async return() {
        end?.();
        return done;
      },
    }),
  };
}
