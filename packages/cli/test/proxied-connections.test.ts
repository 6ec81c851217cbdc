import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { sendHttp1 } from '@fairway/serving/testing';
import { answering, proxied, proxyBackend, readUntil } from './proxied-backend.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

test('connections to a backend are kept for the next request, a few of them, and not for ever', async () => {
  let connections = 0;
  const waiting: Socket[] = [];
  await using api = await proxyBackend((socket) => {
    connections += 1;
    socket.on('data', () => void waiting.push(socket));
  });
  const url = `http://127.0.0.1:${api.port}${proxied}/`;
  const release = (): void => {
    for (const socket of waiting.splice(0)) socket.write(ok);
  };
  for (let count = 0; count < 5; count += 1) {
    const asked = sendHttp1(url);
    await until(() => waiting.length === 1);
    release();
    assert.equal((await asked).text, 'ok');
  }
  assert.equal(connections, 1);

  const many = Array.from({ length: 100 }, () => sendHttp1(url));
  await until(() => waiting.length === 100);
  assert.equal(api.sockets.size, 100);
  release();
  await Promise.all(many);
  await until(() => api.sockets.size <= 64);
  await api.clock.advance(90_000);
  await until(() => api.sockets.size === 0);
});

test('what a kept connection lost is asked again only where that changes nothing', async (t) => {
  for (const [method, body, isRepeated] of [
    ['GET', undefined, true],
    ['HEAD', undefined, true],
    ['OPTIONS', undefined, true],
    ['POST', undefined, false],
    ['DELETE', undefined, false],
    ['PUT', 'body', false],
    ['GET', 'body', false],
  ] as const) {
    await t.test(`${method}${body === undefined ? '' : ' with a body'}`, async () => {
      let requests = 0;
      await using api = await proxyBackend((socket) => {
        socket.on('data', (chunk: Buffer) => {
          if (!chunk.includes('HTTP/1.1')) return;
          requests += 1;
          // As a backend does whose time for idle connections is over just now.
          if (requests === 2) socket.destroy();
          else socket.write(ok);
        });
      });
      const url = `http://127.0.0.1:${api.port}${proxied}/`;
      await sendHttp1(url);
      const headers = body === undefined ? {} : { 'content-length': String(body.length) };
      const { status } = await sendHttp1(url, { method, headers, ...(body && { body }) });
      assert.deepEqual([status, requests], isRepeated ? [200, 3] : [503, 2]);
    });
  }
});

test('a backend that goes in the middle of an answer cuts it, and is not asked again', async () => {
  let requests = 0;
  await using api = await proxyBackend((socket) => {
    socket.on('data', () => {
      requests += 1;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', () => socket.destroy());
    });
  });
  const url = `http://127.0.0.1:${api.port}${proxied}/`;
  await assert.rejects(sendHttp1(url), { code: 'ECONNRESET' });
  assert.equal(requests, 1);
});

test('a backend that says nothing is waited for as long as its caller waits', async () => {
  await using api = await proxyBackend((socket) => void socket.resume());
  const caller = api.connect();
  caller.write(`GET ${proxied}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
  await until(() => api.sockets.size === 1);
  await api.clock.advance(3_600_000);
  assert.equal(api.sockets.size, 1);
  caller.destroy();
  await until(() => api.sockets.size === 0);
});

test('a caller that does not read holds its backend back', async () => {
  const callersCount = 20;
  const piece = Buffer.alloc(64 * 1024, 'x');
  let sentBytes = 0;
  await using api = await proxyBackend((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const send = (): void => {
        while (!socket.destroyed) {
          sentBytes += piece.length;
          if (!socket.write(piece)) return;
        }
      };
      socket.on('drain', send);
      send();
    });
  });
  const before = await heldNow();
  for (let count = 0; count < callersCount; count += 1) {
    const caller = api.connect();
    caller.pause();
    caller.write(`GET ${proxied}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
  }
  const heldBytes = await whenStill(() => sentBytes);
  assert.ok(heldBytes > callersCount * 128 * 1024, 'it has begun');
  const grownBytes = (await heldNow()) - before;
  // Backend and callers are of this process, and hold some themselves.
  assert.ok(grownBytes < callersCount * 512 * 1024, `${grownBytes}`);
});

test('a backend that does not read holds its caller back', async () => {
  await using api = await proxyBackend((socket) => void socket.pause());
  const upload = httpRequest(`http://127.0.0.1:${api.port}${proxied}/`, { method: 'POST' });
  upload.on('error', () => {});
  const piece = Buffer.alloc(64 * 1024);
  let takenBytes = 0;
  const send = (): void => {
    while (!upload.destroyed) {
      takenBytes += piece.length;
      if (!upload.write(piece)) return;
    }
  };
  upload.on('drain', send);
  send();
  const before = await heldNow();
  const heldBytes = await whenStill(() => takenBytes);
  assert.ok(heldBytes > 0);
  const grownBytes = (await heldNow()) - before;
  assert.ok(grownBytes < 1024 * 1024, `${grownBytes}`);
  upload.destroy();
  for (const socket of api.sockets) socket.resume();
  await until(() => api.sockets.size === 0);
});

test('an answer that comes before the end of a request reaches its caller', async () => {
  await using api = await proxyBackend((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 413 Large\r\nContent-Length: 2\r\n\r\nno'));
  });
  const caller = api.connect();
  caller.write(`POST ${proxied}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\npart`);
  assert.match(await readUntil(caller, /no$/), /^HTTP\/1\.1 413 /);
});

test('a caller that goes in the middle of its request leaves no whole one behind', async () => {
  const seen = { text: '' };
  await using api = await proxyBackend(answering(ok, seen));
  const caller = api.connect();
  caller.write(
    `POST ${proxied}/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n`,
  );
  await until(() => seen.text.includes('part'));
  caller.destroy();
  await until(() => api.sockets.size === 0);
  assert.doesNotMatch(seen.text, /0\r\n\r\n$/);
});

test('many idle streams cost little, and end with whoever leaves first', async () => {
  await using api = await proxyBackend((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    });
  });
  const head = `GET ${proxied}/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`;
  const callers = Array.from({ length: 300 }, () => api.connect());
  await Promise.all(
    callers.map(async (caller) => {
      caller.write(head);
      await readUntil(caller, /\r\n\r\n/);
    }),
  );
  assert.equal(api.sockets.size, callers.length);
  for (const caller of callers.slice(0, 150)) caller.destroy();
  await until(() => api.sockets.size === 150);
  const gone = callers.slice(150).map((caller) => once(caller.resume(), 'close'));
  for (const socket of api.sockets) socket.destroy();
  await Promise.all(gone);
});

/** Bytes of messages that are held in memory. */
async function heldNow(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round += 1) {
    collectGarbage();
    await pause(20); // Buffers are freed after that.
  }
  return process.memoryUsage().arrayBuffers;
}

/** The value once it has stopped growing. */
async function whenStill(value: () => number): Promise<number> {
  for (let before = -1; ;) {
    await pause(100);
    const now = value();
    if (now === before) return now;
    before = now;
  }
}
