import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { silentLogger } from '@fairway/host';
import { Metrics, answerMetrics } from '@fairway/serving/metrics';
import { createProxy } from './create-proxy.ts';
import { defaultAcceptRules } from './filters/accept-filter.ts';
import { countRequests } from './observation/count-requests.ts';
import { observeRequests } from './observation/observe-requests.ts';
import { openRaw, serveThroughProxy } from '../test/proxied-server.ts';

async function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }> {
  const { body, ...rest } = options;
  const request = httpRequest(url, { agent: false, ...rest });
  request.end(body);
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
  const chunks = await response.toArray();
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks),
  };
}

test('createProxy() passes method, percent-encoding, query and body on as they are', async () => {
  await using server = await serveThroughProxy({
    answer: (request, response) => void request.pipe(response),
  });
  const target = '/api/v1/x/a%2Fb/%C3%A9?labelSelector=a%3Db&x=+y';
  const { status, body } = await send(`${server.url}${target}`, { method: 'PUT', body: 'hello' });
  assert.deepEqual([status, body.toString()], [200, 'hello']);
  assert.equal(server.received[0]?.url, target);
  assert.equal(server.received[0]?.method, 'PUT');
});

test('createProxy() hands compressed bytes through as they are', async () => {
  const zipped = gzipSync('hello '.repeat(100));
  await using server = await serveThroughProxy({
    answer: (_, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(zipped),
  });
  const { headers, body } = await send(server.url, { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(headers['content-encoding'], 'gzip');
  assert.deepEqual(body, zipped);
  assert.equal(server.received[0]?.headers['accept-encoding'], 'gzip');
});

test('createProxy() hands on each part of a stream at once, and ends it with its caller', async () => {
  let isGone = (): void => {};
  const gone = new Promise<void>((resolve) => (isGone = resolve));
  await using server = await serveThroughProxy({
    answer(_, response) {
      response.writeHead(200).write('first');
      response.once('close', isGone);
    },
  });
  const raw = openRaw(server.port);
  raw.socket.write('GET /watch?watch=true HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.match(await raw.until('first'), /200 OK/);
  raw.socket.destroy();
  await gone;
});

test('createProxy() cuts an answer that the cluster cut', async () => {
  await using server = await serveThroughProxy({
    answer(_, response) {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
    },
  });
  await assert.rejects(send(server.url), /aborted/);
});

test('createProxy() answers 502 with a Status that says why when the cluster is not there', async () => {
  await using server = await serveThroughProxy({
    answer: (_, response) => void response.destroy(),
  });
  const { status, headers, body } = await send(server.url, { method: 'POST', body: '{}' });
  const said = JSON.parse(body.toString()) as { kind: string; code: number; message: string };
  assert.deepEqual([status, said.kind, said.code], [502, 'Status', 502]);
  assert.match(said.message, /no answer from the cluster: http:\/\/127\.0\.0\.1:\d+: .*cut/);
  assert.equal(headers['content-type'], 'application/json');
});

test('createProxy() leaves it to its caller to try again', async () => {
  await using server = await serveThroughProxy({
    answer: (_, response) => void response.writeHead(429, { 'retry-after': '60' }).end(),
  });
  const { status, headers } = await send(server.url);
  assert.deepEqual([status, headers['retry-after'], server.received.length], [429, '60', 1]);
});

test('createProxy() takes its prefix away, except below /api, and leads redirects back to itself', async () => {
  await using server = await serveThroughProxy(
    { answer: (_, response) => void response.writeHead(302, { location: '/login?x=1' }).end() },
    { apiPrefix: '/k8s' },
  );
  const { headers } = await send(`${server.url}/k8s/api/v1/a%2Fb`);
  assert.equal(server.received[0]?.url, '/api/v1/a%2Fb');
  assert.equal(headers['location'], '/k8s/login?x=1');
  assert.equal((await send(`${server.url}/api/v1`)).status, 404);
  await using below = await serveThroughProxy({}, { apiPrefix: '/api' });
  await send(`${below.url}/api/v1`);
  assert.equal(below.received[0]?.url, '/api/v1');
});

test('createProxy() makes a redirect to the address of the cluster a local one', async () => {
  await using server = await serveThroughProxy({
    answer(request, response) {
      response.writeHead(302, { location: `http://${request.headers.host}/x` }).end();
    },
  });
  assert.equal((await send(server.url)).headers['location'], '/x');
});

const handshake = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
].join('\r\n');

test('createProxy() passes upgraded bytes both ways, early ones first, and closes both sides', async () => {
  let isClosed = (): void => {};
  const closed = new Promise<void>((resolve) => (isClosed = resolve));
  await using server = await serveThroughProxy({
    upgrade(_, socket, head) {
      socket.once('close', isClosed);
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly ',
      );
      if (head.length > 0) socket.write(head);
      socket.pipe(socket);
    },
  });
  const raw = openRaw(server.port);
  raw.socket.write(`GET /api/v1/x HTTP/1.1\r\nHost: localhost\r\n${handshake}\r\n\r\npipelined`);
  const answer = await raw.until('pipelined');
  assert.match(answer, /^HTTP\/1\.1 101 [^]*upgrade: websocket[^]*\r\n\r\nearly pipelined$/i);
  raw.socket.write(' more');
  await raw.until(' more');
  raw.socket.destroy();
  await closed;
});

test('createProxy() relays the refusal of an upgrade', async () => {
  await using server = await serveThroughProxy({
    upgrade: (_, socket) =>
      void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-Why: rbac\r\n\r\nno'),
  });
  const raw = openRaw(server.port);
  raw.socket.write(`GET /api/v1/x HTTP/1.1\r\nHost: localhost\r\n${handshake}\r\n\r\n`);
  assert.match(await raw.until('\r\n\r\nno'), /^HTTP\/1\.1 403 [^]*x-why: rbac[^]*no$/i);
});

// The two transcripts that work against other proxies: reading every Secret, and writing blindly.
test('createProxy() refuses a WebSocket that a foreign page opens to read secrets', async () => {
  await using server = await serveThroughProxy({});
  const raw = openRaw(server.port);
  raw.socket.write(
    `GET /api/v1/secrets?watch=true HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n` +
      `Origin: https://evil.example\r\n${handshake}\r\n\r\n`,
  );
  assert.match(await raw.until('if you trust it'), /^HTTP\/1\.1 403 Forbidden/);
  assert.deepEqual(server.received, []);
});

test('createProxy() refuses a form that a foreign page posts without reading the answer', async () => {
  await using server = await serveThroughProxy({});
  const body = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"planted"}}';
  const post = (headers: Record<string, string>): ReturnType<typeof send> =>
    send(`${server.url}/api/v1/namespaces/default/configmaps`, { method: 'POST', body, headers });
  assert.equal((await post({ origin: 'https://evil.example' })).status, 403);
  assert.equal(
    (await post({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).status,
    403,
  );
  assert.deepEqual(server.received, []);
});

test('what the filter of createProxy() refuses is counted as such, and the rest is not', async () => {
  const metrics = new Metrics();
  const proxy = createProxy({
    transport: {
      send: async () => ({ status: 200, headers: {}, body: undefined }),
      upgrade: () => assert.fail(),
    },
    servers: [],
    rules: defaultAcceptRules,
    mayImpersonate: false,
    apiPrefix: '/',
    keepAliveMs: undefined,
    logger: silentLogger,
  });
  const observed = observeRequests([countRequests(metrics)], { elapsed: () => 0 }, proxy);
  const { signal } = new AbortController();
  const request = (headers: Record<string, string>) => ({
    method: 'GET',
    path: '/api/v1/pods',
    query: '',
    body: undefined,
    signal,
    headers: { host: 'localhost', ...headers },
  });
  assert.equal((await observed.handler(request({}))).status, 200);
  assert.equal((await observed.handler(request({ host: 'evil.example' }))).status, 403);
  const foreign = request({ origin: 'https://evil.example' });
  assert.equal((await observed.handler(foreign)).status, 403);
  assert.equal((await observed.upgradeHandler(foreign)).kind, 'refused');
  const { body } = await answerMetrics(metrics);
  const told = Buffer.from(body as Uint8Array).toString();
  assert.deepEqual(told.match(/^fairway_proxy_refused_total.*/gm), [
    'fairway_proxy_refused_total{by="filter"} 3',
  ]);
});

test('createProxy() filters files as it filters the API', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-proxy-'));
  try {
    await using server = await serveThroughProxy({}, { files: { directory, prefix: '/static' } });
    const foreign = { host: 'evil.example' };
    assert.equal((await send(`${server.url}/static/x`, { headers: foreign })).status, 403);
    assert.equal((await send(`${server.url}/static/x`)).status, 404);
    assert.deepEqual(server.received, []);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('createProxy() refuses files that would hide the API', () => {
  const transport = { send: () => assert.fail(), upgrade: () => assert.fail() };
  const options = { transport, servers: ['http://a'], rules: undefined, mayImpersonate: false };
  const files = { directory: '.', prefix: '/' };
  assert.throws(
    () => createProxy({ ...options, apiPrefix: '/', files, keepAliveMs: 0, logger: silentLogger }),
    RangeError,
  );
});
