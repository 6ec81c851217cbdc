import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ManualClock } from '@fairway/host/testing';
import { sendHttp1 } from '@fairway/serving/testing';
import { openRaw, serveProxy } from './proxied-server.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const head = 'HTTP/1.1 200 OK\r\n';

for (const [name, bytes, code, why] of [
  ['garbage', 'SSH-2.0-x\r\n', 502, /not HTTP/],
  ['a head that is cut', `${head}Content-Type: te`, 502, /cut/],
  ['nothing at all', '', 502, /cut/],
  ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`, 502, /Length/],
  [
    'a length and chunks',
    `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    502,
    /both/,
  ],
  ['a header of 1 MB', `${head}X: ${'a'.repeat(1024 * 1024)}\r\n\r\n`, 502, /longer than/],
  ['10,000 interim answers', 'HTTP/1.1 103 Early\r\n\r\n'.repeat(10_000), 502, /interim/],
  ['another protocol', 'HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n', 502, /nobody asked/],
] as const) {
  test(`a server that answers with ${name} is told of in a Status, and the next request is answered`, async () => {
    await using upstream = await rawServer((socket, count) => {
      if (count === 0) socket.end(bytes);
      else socket.end(ok);
    });
    await using proxy = await serveProxy([upstream.url]);
    const refused = await sendHttp1(`${proxy.url}/api`, { method: 'POST' });
    assert.equal(refused.status, code, refused.text);
    const { kind, message } = JSON.parse(refused.text) as { kind: string; message: string };
    assert.equal(kind, 'Status');
    assert.match(message, why);
    assert.equal(refused.headers['retry-after'], undefined);
    const next = await sendHttp1(`${proxy.url}/api`);
    assert.deepEqual([next.status, next.text], [200, 'ok']);
    assert.equal(upstream.requests(), 2);
  });
}

for (const [name, bytes] of Object.entries({
  'is shorter than it says': `${head}Content-Length: 10\r\n\r\nabc`,
  'has no last chunk': `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
  'has a bad chunk': `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n`,
})) {
  test(`an answer that ${name} is cut, and not ended`, async () => {
    await using upstream = await rawServer((socket) => socket.end(bytes));
    await using proxy = await serveProxy([upstream.url]);
    await assert.rejects(sendHttp1(`${proxy.url}/api`), { code: 'ECONNRESET' });
  });
}

test('an answer behind an answer reaches nobody', async () => {
  await using upstream = await rawServer((socket, count) => {
    const stolen = `${head}X-Stolen: 1\r\nContent-Length: 6\r\n\r\nstolen`;
    socket.write(`${head}Content-Length: 1\r\n\r\n${count}${stolen}`);
  });
  await using proxy = await serveProxy([upstream.url]);
  for (let count = 0; count < 5; count++) {
    const { text, headers } = await sendHttp1(`${proxy.url}/api`);
    assert.deepEqual([text, headers['x-stolen']], [String(count), undefined]);
  }
});

test('a cluster that is away is told of by 503 and Retry-After, whatever was asked', async () => {
  const upstream = await rawServer(() => {});
  await upstream[Symbol.asyncDispose]();
  await using proxy = await serveProxy([upstream.url]);
  for (const method of ['GET', 'POST']) {
    const { status, headers, text } = await sendHttp1(`${proxy.url}/api`, { method });
    assert.deepEqual([status, headers['retry-after']], [503, '1']);
    assert.match(text, /nothing listens there.*check that the server runs/);
  }
});

test('a silent cluster is told of by 504, with Retry-After for what only reads', async () => {
  const clock = new ManualClock();
  await using upstream = await rawServer(() => {});
  await using proxy = await serveProxy([upstream.url], { clock });
  for (const [method, retryAfter] of [
    ['GET', '1'],
    ['POST', undefined],
  ] as const) {
    const before = upstream.requests();
    const asked = sendHttp1(`${proxy.url}/api`, { method });
    while (upstream.requests() === before) await turn();
    await clock.advance(90_001);
    const { status, headers, text } = await asked;
    assert.deepEqual([status, headers['retry-after']], [504, retryAfter]);
    assert.match(text, /nothing came for 90000 ms/);
  }
});

test('a POST whose connection died is sent to no other server, and a GET is', async () => {
  const cutting = (socket: Socket): void => void socket.destroy();
  await using one = await rawServer(cutting);
  await using two = await rawServer(cutting);
  await using proxy = await serveProxy([one.url, two.url]);
  const both = (): number => one.requests() + two.requests();
  assert.equal((await sendHttp1(`${proxy.url}/api`, { method: 'POST' })).status, 502);
  assert.equal(both(), 1);
  assert.equal((await sendHttp1(`${proxy.url}/api`)).status, 502);
  assert.equal(both(), 3);
});

test('callers do not notice that an API server restarts, while another one runs', async () => {
  await using one = await rawServer((socket) => socket.write(ok));
  await using two = await rawServer((socket) => socket.write(ok));
  await using proxy = await serveProxy([one.url, two.url]);
  let isOver = false;
  const statuses = new Map<number, number>();
  const caller = async (): Promise<void> => {
    while (!isOver) {
      const { status } = await sendHttp1(`${proxy.url}/api`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const callers = Promise.all(Array.from({ length: 16 }, caller));
  for (const server of [one, two, one, two]) {
    const before = one.requests() + two.requests();
    while (one.requests() + two.requests() < before + 100) await turn();
    await server.stop();
    const during = one.requests() + two.requests();
    while (one.requests() + two.requests() < during + 100) await turn();
    await server.start();
  }
  isOver = true;
  await callers;
  assert.deepEqual([...statuses.keys()], [200]);
});

test('callers that come and go leave nothing behind', async () => {
  await using upstream = await rawServer((socket, count) => {
    if (count % 3 === 0) socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`);
    else if (count % 3 === 1) socket.write(ok);
  });
  await using proxy = await serveProxy([upstream.url], { limits: { idleConnectionsMax: 8 } });
  const requests = [
    '',
    'GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET /api?watch=1 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'POST /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc',
    'GET /api HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    'GET /api HTTP/1.1\r\nHo',
  ];
  const comeAndGo = async (count: number): Promise<void> => {
    const { socket } = openRaw(proxy.port);
    const closed = once(socket, 'close');
    await once(socket, 'connect');
    const request = requests[count % requests.length] ?? '';
    if (request !== '') socket.write(request);
    // Some go at once, some while the answer comes.
    for (let turns = count % 4; turns > 0; turns--) await turn();
    if (count % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
    await closed;
  };
  const callers = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => comeAndGo(at + index)));
    }
    while (proxy.connectionCount() > 0 || upstream.sockets.size > 8) await turn();
  };
  await callers(0, 2_000);
  const before = { heapBytes: usedHeapBytes(), resources: process.getActiveResourcesInfo().length };
  await callers(2_000, 10_000);
  const resources = process.getActiveResourcesInfo().length - before.resources;
  assert.ok(Math.abs(resources) <= 2 * 8, `${resources} more resources`);
  // One byte in a hundred of what a leaked request would hold.
  const heapBytes = usedHeapBytes() - before.heapBytes;
  assert.ok(heapBytes < 2_000_000, `${heapBytes} more bytes`);
});

function usedHeapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly sockets: ReadonlySet<Socket>;
  requests(): number;
  /** Cuts what is under way, too. */
  stop(): Promise<void>;
  /** On the port that it had. */
  start(): Promise<void>;
}

/** Sends bytes for each request without reading much of it. */
async function rawServer(answer: (socket: Socket, count: number) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let count = 0;
  let server: Server = createServer();
  const start = async (port = 0): Promise<void> => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).once('close', () => sockets.delete(socket));
      socket.on('data', (bytes) => {
        if (/^[A-Z]+ \//.test(bytes.toString('latin1', 0, 16))) answer(socket, count++);
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await start();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sockets,
    requests: () => count,
    stop,
    start: () => start(port),
    [Symbol.asyncDispose]: stop,
  };
}
