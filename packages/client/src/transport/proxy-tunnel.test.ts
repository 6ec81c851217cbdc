import assert from 'node:assert/strict';
import { type IncomingMessage, createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type Socket, connect, createServer as createTcp } from 'node:net';
import { test } from 'node:test';
import { Secret } from '@fairway/host';
import { systemClock } from '@fairway/host/nodejs';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { HttpRequest } from '@fairway/protocol';
import { type SmallServer, listen, pem, serveHttp, serveHttp2 } from '../../test/small-server.ts';
import { readBody } from './read-body.ts';
import { type Transport, buildTransport } from './build-transport.ts';
import type { TransportOptions } from './transport-options.ts';
import { ConnectionError } from './connection-error.ts';

test('openTunnel() reaches the server by CONNECT, with user and password', async () => {
  await using server = await serveHttp2((_, response) => void response.end('through'));
  const asked: IncomingMessage[] = [];
  await using proxy = await httpProxy((request) => void asked.push(request));
  const proxyUrl = proxy.url.replace('http://', 'http://us%40er:pass@');
  await using transport = transportTo(server, proxyUrl);
  assert.equal(await ask(transport), 'through');
  assert.equal(asked[0]?.url, `127.0.0.1:${server.port}`);
  const basic = Buffer.from('us@er:pass').toString('base64');
  assert.equal(asked[0]?.headers['proxy-authorization'], `Basic ${basic}`);
});

const refusals = [
  [
    '407 No\r\n\r\n',
    'proxy-authentication',
    /it wants to know who asks \(407\); put user and password/,
  ],
  ['502 Bad\r\n\r\n', 'proxy', /it answered 502 to CONNECT; check proxy-url/],
  [
    '200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\r\n<html>Log in',
    'proxy',
    /it answered CONNECT with a page of HTML/,
  ],
] as const;

for (const [answer, problem, why] of refusals) {
  test(`openTunnel() says what the proxy refused by ${answer.slice(0, 3)}, without its password`, async () => {
    await using server = await serveHttp((_, response) => response.end());
    await using proxy = await listen(
      createHttp().on('connect', (_, socket: Socket) => socket.end(`HTTP/1.1 ${answer}`)),
      'http',
    );
    await using transport = transportTo(server, proxy.url.replace('http://', 'http://me:hunter2@'));
    await assert.rejects(ask(transport), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.problem, problem);
      assert.match(error.message, why);
      assert.ok(!error.message.includes('hunter2'));
      return true;
    });
  });
}

test('openTunnel() verifies a proxy that is https', async () => {
  await using server = await serveHttp((_, response) => response.end());
  const identity = { key: pem('server.key'), cert: pem('server.pem') };
  await using proxy = await listen(createHttps(identity), 'https');
  await using transport = transportTo(server, proxy.url);
  await assert.rejects(ask(transport), { problem: 'proxy', message: /not issued by an authority/ });
});

for (const [user, sent] of [
  ['', [5, 1, 0]],
  ['me:secret@', [5, 2, 0, 2]],
] as const) {
  test(`openTunnel() speaks SOCKS 5 ${user === '' ? 'without' : 'with'} a password`, async () => {
    await using server = await serveHttp2((_, response) => void response.end('through'));
    await using proxy = await socksProxy({ greeting: [...sent], password: user !== '' });
    await using transport = transportTo(server, `socks5://${user}127.0.0.1:${proxy.port}`);
    assert.equal(await ask(transport), 'through');
  });
}

test('openTunnel() explains refusals of a SOCKS proxy, and what is none', async () => {
  await using server = await serveHttp((_, response) => response.end());
  for (const [bytes, why, problem] of [
    [[5, 255], /wants credentials/, 'proxy-authentication'],
    [[5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0], /rules do not allow/, 'proxy'],
    [[72, 84, 84, 80], /does not speak SOCKS 5/, 'proxy'],
    [[5], /hung up/, 'proxy'],
  ] as const) {
    const answer = (socket: Socket): void =>
      void socket.once('data', () => socket.end(Uint8Array.from(bytes)));
    await using proxy = await listen(createTcp(answer), 'http');
    await using transport = transportTo(server, `socks5://127.0.0.1:${proxy.port}`);
    await assert.rejects(ask(transport), { problem, message: why });
  }
});

test('openTunnel() does not wait for ever for a mute proxy', async () => {
  for (const scheme of ['http', 'socks5']) {
    const clock = new ManualClock();
    await using server = await serveHttp((_, response) => response.end());
    await using proxy = await listen(createTcp(), 'http');
    const proxyUrl = `${scheme}://127.0.0.1:${proxy.port}`;
    await using transport = transportTo(server, proxyUrl, { clock });
    const refused = assert.rejects(ask(transport), { problem: 'timeout' });
    while (proxy.sockets.size === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(30_001);
    await refused;
  }
});

test('openTunnel() refuses a proxy URL that it does not understand, and does not show it', async () => {
  await using server = await serveHttp((_, response) => response.end());
  await using transport = transportTo(server, 'ftp://me:hunter2@proxy');
  await assert.rejects(ask(transport), (error: Error) => {
    assert.match(error.message, /starts with http:\/\/, https:\/\/ or socks5:\/\//);
    return !error.message.includes('hunter2');
  });
});

test('buildTransport() goes through the proxy of the environment, except where told not to', async () => {
  await using server = await serveHttp((_, response) => response.end('direct'));
  const cluster = server.url.replace('127.0.0.1', 'cluster.invalid');
  const variables = { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'other.invalid' };
  const options = { clock: systemClock, random: seededRandom(1), variables };
  await using transport = buildTransport({ ...server.target, server: cluster }, options);
  await assert.rejects(ask(transport), { problem: 'proxy' });
  await using direct = buildTransport(server.target, options);
  assert.equal(await ask(direct), 'direct');
});

function transportTo(
  server: SmallServer,
  proxyUrl: string,
  options: Partial<TransportOptions> = {},
): Transport {
  const machine = { clock: systemClock, random: seededRandom(1), ...options };
  return buildTransport({ ...server.target, proxyUrl: new Secret(proxyUrl) }, machine);
}

async function ask(transport: Transport): Promise<string> {
  const { signal } = new AbortController();
  const request: HttpRequest = {
    method: 'GET',
    path: '/',
    query: '',
    headers: {},
    body: undefined,
    signal,
  };
  const { body } = await transport.send(request);
  return Buffer.from(await readBody(body, 1e6)).toString();
}

function httpProxy(onConnect: (request: IncomingMessage) => void): Promise<SmallServer> {
  const proxy = createHttp().on('connect', (request, near: Socket) => {
    onConnect(request);
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const far = connect(Number(port), host, () => near.write('HTTP/1.1 200 Yes\r\n\r\n'));
    join(near, far);
  });
  return listen(proxy, 'http');
}

function socksProxy(expected: { greeting: number[]; password: boolean }): Promise<SmallServer> {
  const proxy = createTcp((near) => {
    let step = 0;
    const onData = (data: Buffer): void => {
      step += 1;
      if (step === 1) {
        assert.deepEqual([...data], expected.greeting);
        near.write(Uint8Array.of(5, expected.password ? 2 : 0));
      } else if (step === 2 && expected.password) {
        assert.equal(data.toString('latin1'), '\x01\x02me\x06secret');
        near.write(Uint8Array.of(1, 0));
      } else {
        near.off('data', onData);
        assert.deepEqual([...data.subarray(0, 8)], [5, 1, 0, 1, 127, 0, 0, 1]);
        const far = connect(data.readUInt16BE(8), '127.0.0.1', () => {
          near.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
        });
        join(near, far);
      }
    };
    near.on('data', onData);
  });
  return listen(proxy, 'http');
}

function join(near: Socket, far: Socket): void {
  near.pipe(far).pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => {}).once('close', () => other.destroy());
  }
}
