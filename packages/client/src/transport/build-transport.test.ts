import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer as createHttps } from 'node:https';
import { type Socket, createServer as createTcp } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Secret } from '@fairway/host';
import { systemClock } from '@fairway/host/nodejs';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { HttpRequest, HttpResponse } from '@fairway/protocol';
import { manualTarget } from '../../test/manual-target.ts';
import {
  listen,
  pem,
  relayTo,
  serveHttp,
  serveHttp2,
  serveHttps,
} from '../../test/small-server.ts';
import {
  type Credential,
  type ClusterTarget,
  bearerCredential,
  unchangingCredentials,
  unchangingTrust,
} from '../cluster-target.ts';
import { readBody } from './read-body.ts';
import { type Transport, buildTransport } from './build-transport.ts';
import type { TransportOptions } from './transport-options.ts';
import { ConnectionError } from './connection-error.ts';

for (const [protocol, serve] of [
  ['HTTP/2', serveHttp2],
  ['HTTP/1.1 over TLS', serveHttps],
  ['HTTP/1.1', serveHttp],
] as const) {
  test(`buildTransport() sends 200 requests over one connection, ${protocol}`, async () => {
    await using server = await serve((request, response) => response.end(`${request.url}`));
    await using transport = transportTo(server.target);
    for (let i = 0; i < 200; i++) {
      const response = await transport.send(get('/api', { query: `n=${i}` }));
      assert.equal(await textOf(response), `/api?n=${i}`);
    }
    assert.equal(server.connectionCount(), 1);
  });

  test(`buildTransport() sends bodies and repeated headers, ${protocol}`, async () => {
    await using server = await serve((request, response) => {
      const { rawHeaders } = request;
      const groups = rawHeaders.filter(
        (_, at) => rawHeaders[at - 1]?.toLowerCase() === 'impersonate-group',
      );
      response.setHeader('x-groups', groups.join('|'));
      request.pipe(response);
    });
    const impersonate = { user: 'jane', groups: ['a', 'b'], extra: { 'example.org/X': ['1'] } };
    await using transport = transportTo({ ...server.target, impersonate });
    const body = Buffer.alloc(300_000, 'x');
    const response = await transport.send({ ...get('/'), method: 'POST', body });
    assert.equal(response.headers['x-groups'], 'a|b');
    assert.equal((await textOf(response)).length, body.length);
    const chunks = (async function* () {
      for (let i = 0; i < 10; i++) yield Buffer.alloc(50_000, 'y');
    })();
    const streamed = await transport.send({ ...get('/'), method: 'POST', body: chunks });
    assert.equal((await textOf(streamed)).length, 500_000);
  });

  test(`buildTransport() ends a request with the reason of its signal, ${protocol}`, async () => {
    const gone: string[] = [];
    await using server = await serve((request, response) => {
      response.once('close', () => gone.push(request.url ?? ''));
      if (request.url === '/begun') response.write('begun');
    });
    await using transport = transportTo(server.target);
    const reason = new Error('not wanted any more');
    const silent = AbortSignal.abort(reason);
    await assert.rejects(transport.send(get('/never', { signal: silent })), reason);
    const before = new AbortController();
    const waiting = transport.send(get('/waiting', { signal: before.signal }));
    await until(() => server.sockets.size > 0);
    before.abort(reason);
    await assert.rejects(waiting, reason);
    const during = new AbortController();
    const response = await transport.send(get('/begun', { signal: during.signal }));
    const read = textOf(response);
    during.abort(reason);
    await assert.rejects(read, reason);
    await until(() => gone.includes('/begun'));
  });

  test(`buildTransport() tells an answer that was cut from one that is complete, ${protocol}`, async () => {
    await using server = await serve((_, response) => void response.write('half of'));
    await using transport = transportTo(server.target);
    const response = await transport.send(get('/'));
    const read = textOf(response);
    await until(() => server.sockets.size > 0);
    server.cut();
    await assert.rejects(read, { name: 'ConnectionError', problem: 'reset' });
  });

  test(`buildTransport() leaves the loop: the server sees the request go, ${protocol}`, async () => {
    let isGone = false;
    await using server = await serve((_, response) => {
      response.once('close', () => (isGone = true));
      response.write('event\n');
    });
    await using transport = transportTo(server.target);
    const { body } = await transport.send(get('/', { query: 'watch=true' }));
    for await (const _ of body as AsyncIterable<Uint8Array>) break;
    await until(() => isGone);
  });

  test(`buildTransport() goes on after the server was restarted, ${protocol}`, async () => {
    await using server = await serve((_, response) => response.end('ok'));
    await using transport = transportTo(server.target);
    assert.equal(await textOf(await transport.send(get('/'))), 'ok');
    server.cut();
    await until(() => server.sockets.size === 0);
    assert.equal(await textOf(await transport.send(get('/'))), 'ok');
    assert.equal(server.connectionCount(), 2);
  });
}

test('buildTransport() gives watches sessions of their own, and opens more before the limit', async () => {
  let watches = 0;
  await using server = await serveHttp2(
    (request, response) => {
      if (!request.url.includes('watch')) return void response.end('ok');
      watches += 1;
      response.write('\n');
    },
    { settings: { maxConcurrentStreams: 3 } },
  );
  await using transport = transportTo(server.target);
  const stop = new AbortController();
  const watch = get('/', { query: 'watch=true', signal: stop.signal });
  await Promise.all(Array.from({ length: 7 }, () => transport.send(watch)));
  assert.equal(watches, 7);
  const answers = await Promise.all(Array.from({ length: 7 }, () => transport.send(get('/'))));
  assert.deepEqual(
    await Promise.all(answers.map(textOf)),
    Array.from({ length: 7 }, () => 'ok'),
  );
  assert.ok(server.connectionCount() <= 10, `${server.connectionCount()} connections`);
  stop.abort();
});

test('buildTransport() sends 60 requests at a time to a server that takes 3', async () => {
  const settings = { maxConcurrentStreams: 3 };
  await using server = await serveHttp2((_, response) => void response.end('ok'), { settings });
  await using transport = transportTo(server.target);
  const ask = async (): Promise<string> => textOf(await transport.send(get('/')));
  const answers = await Promise.all(Array.from({ length: 60 }, ask));
  assert.ok(answers.every((answer) => answer === 'ok'));
  assert.ok(server.connectionCount() <= 20, `${server.connectionCount()} connections`);
});

test('buildTransport() finds a peer that vanished by a ping, and says so', async () => {
  const clock = new ManualClock();
  await using server = await serveHttp2((_, response) => void response.write('\n'));
  await using relay = await relayTo(server);
  await using transport = transportTo(relay.target, { clock });
  const { body } = await transport.send(get('/', { query: 'watch=true' }));
  const read = readBody(body, 100);
  relay.freeze();
  const dead = assert.rejects(read, { problem: 'reset', message: /no answer to a ping/ });
  for (let step = 0; step < 8; step++) await clock.advance(10_000);
  await dead;
});

test('buildTransport() leaves a quiet watch alone whose peer answers pings', async () => {
  const clock = new ManualClock();
  let finish: () => void = () => {};
  await using server = await serveHttp2((_, response) => {
    response.write('a');
    finish = () => response.end('b');
  });
  await using transport = transportTo(server.target, { clock });
  const { body } = await transport.send(get('/', { query: 'watch=true' }));
  const read = textOf({ status: 200, headers: {}, body });
  for (let minute = 0; minute < 10; minute++) {
    for (let step = 0; step < 6; step++) {
      await clock.advance(10_000);
      await pause();
    }
  }
  finish();
  assert.equal(await read, 'ab');
});

test('buildTransport() gives up on a server that is silent, but not on a watch', async () => {
  const clock = new ManualClock();
  await using server = await serveHttp(() => {});
  await using transport = transportTo(server.target, { clock });
  let isOver = false;
  const stop = new AbortController();
  const watch = transport
    .send(get('/', { query: 'watch=true', signal: stop.signal }))
    .finally(() => (isOver = true));
  const silent = assert.rejects(transport.send(get('/')), { problem: 'timeout' });
  await until(() => server.sockets.size === 2);
  await clock.advance(91_000);
  await silent;
  assert.equal(isOver, false);
  stop.abort(new Error('enough'));
  await assert.rejects(watch, /enough/);
});

test('buildTransport() sends a request again when its session is going away', async () => {
  let requests = 0;
  await using server = await serveHttp2((request, response) => {
    requests += 1;
    if (requests === 2) return void response.stream.close(7);
    if (requests === 1) request.stream.session?.goaway(0);
    response.end(`answer ${requests}`);
  });
  await using transport = transportTo(server.target);
  assert.equal(await textOf(await transport.send(get('/'))), 'answer 1');
  const posted = { ...get('/'), method: 'POST', body: Buffer.from('{}') };
  assert.equal(await textOf(await transport.send(posted)), 'answer 3');
});

for (const [problem, certificate, trust] of [
  ['tls-untrusted', 'server', { certificateAuthority: pem('other-authority.pem') }],
  ['tls-name', 'elsewhere', { certificateAuthority: pem('authority.pem') }],
  ['tls-expired', 'expired', { certificateAuthority: pem('authority.pem') }],
] as const) {
  test(`buildTransport() refuses a server that does not prove itself: ${problem}`, async () => {
    const identity = { key: pem(`${certificate}.key`), cert: pem(`${certificate}.pem`) };
    await using server = await serveHttp2((_, response) => void response.end('ok'), identity);
    await using transport = transportTo({ ...server.target, trust: unchangingTrust(trust) });
    await assert.rejects(transport.send(get('/')), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.problem, problem);
      assert.ok(error.message.startsWith(`${server.url}: `), error.message);
      assert.notEqual(error.remedy, '');
      return true;
    });
    const insecure = unchangingTrust({ isInsecure: true });
    await using careless = transportTo({ ...server.target, trust: insecure });
    assert.equal(await textOf(await careless.send(get('/'))), 'ok');
  });
}

test('buildTransport() asks for and verifies the name that it is told', async () => {
  let asked: unknown;
  const identity = { key: pem('elsewhere.key'), cert: pem('elsewhere.pem') };
  await using server = await serveHttp2((request, response) => {
    asked = 'servername' in request.socket ? request.socket.servername : undefined;
    response.end('ok');
  }, identity);
  const trust = unchangingTrust({
    certificateAuthority: pem('authority.pem'),
    serverName: 'elsewhere.test',
  });
  await using transport = transportTo({ ...server.target, trust });
  assert.equal(await textOf(await transport.send(get('/'))), 'ok');
  assert.equal(asked, 'elsewhere.test');
});

for (const serve of [serveHttp2, serveHttps]) {
  test(`buildTransport() proves itself, and anew when its certificate changes, ${serve.name}`, async () => {
    const mutual = { ca: pem('authority.pem'), requestCert: true, rejectUnauthorized: true };
    await using server = await serve((request, response) => {
      const socket = (request.stream?.session?.socket ?? request.socket) as TLSSocket;
      const name = String(socket.getPeerCertificate().subject.CN);
      if (request.url === '/') response.end(name);
      else response.write(name);
    }, mutual);
    let credential = certificateOf('client');
    const credentials = { current: async () => credential, invalidate() {} };
    await using transport = transportTo({ ...server.target, credentials });
    assert.equal(await textOf(await transport.send(get('/'))), 'jane');
    const watch = textOf(await transport.send(get('/', { query: 'watch=true' })));
    const log = await transport.send(get('/log', { query: 'follow=true' }));
    credential = certificateOf('other-client');
    const ended = assert.rejects(watch, { problem: 'reset', message: /has been renewed/ });
    assert.equal(await textOf(await transport.send(get('/'))), 'john');
    await ended;
    for await (const chunk of log.body as AsyncIterable<Uint8Array>) {
      assert.equal(Buffer.from(chunk).toString(), 'jane', 'what cannot be gone on with stays');
      break;
    }
    await using anonymous = transportTo(server.target);
    await assert.rejects(anonymous.send(get('/')), { problem: 'tls-client-certificate' });
  });
}

test('buildTransport() replays a request once after 401, with another token', async () => {
  const tokens: unknown[] = [];
  await using server = await serveHttp2((request, response) => {
    tokens.push(request.headers.authorization);
    response.statusCode = request.headers.authorization === 'Bearer new' ? 200 : 401;
    response.end('done');
  });
  let credential = bearerCredential('old');
  const credentials = {
    current: async () => credential,
    invalidate: () => void (credential = bearerCredential('new')),
  };
  await using transport = transportTo({ ...server.target, credentials });
  const posted = { ...get('/'), method: 'POST', body: Buffer.from('{}') };
  assert.equal((await transport.send(posted)).status, 200);
  assert.deepEqual(tokens, ['Bearer old', 'Bearer new']);
});

test('buildTransport() answers the 401 when there is no other credential', async () => {
  let requests = 0;
  await using server = await serveHttp2((_, response) => {
    requests += 1;
    response.statusCode = 401;
    response.end();
  });
  const credentials = unchangingCredentials(bearerCredential('old'));
  await using transport = transportTo({ ...server.target, credentials });
  assert.equal((await transport.send(get('/'))).status, 401);
  assert.equal(requests, 1);
});

test('buildTransport() leaves the headers of the caller alone', async () => {
  const seen: unknown[] = [];
  await using server = await serveHttp2((request, response) => {
    const { authorization, 'impersonate-user': user, 'user-agent': agent } = request.headers;
    seen.push(authorization, user, agent);
    response.end();
  });
  await using transport = transportTo({
    ...server.target,
    credentials: unchangingCredentials(bearerCredential('ours')),
    impersonate: { user: 'ours' },
  });
  const headers = { authorization: 'Bearer theirs', 'impersonate-user': 'theirs' };
  await transport.send({ ...get('/'), headers: { ...headers, 'user-agent': 'theirs' } });
  await transport.send(get('/'));
  assert.deepEqual(seen, ['Bearer theirs', 'theirs', 'theirs', 'Bearer ours', 'ours', 'fairway']);
});

test('buildTransport() sends no secret in the clear', async () => {
  let sent: unknown = 'nothing yet';
  await using server = await serveHttp((request, response) => {
    sent = request.headers.authorization;
    response.end();
  });
  const credentials = unchangingCredentials(bearerCredential('secret'));
  await using transport = transportTo({ ...server.target, credentials });
  await transport.send(get('/'));
  assert.equal(sent, undefined);
});

test('buildTransport() waits as long as the server says, ten times at most', async () => {
  const clock = new ManualClock();
  let requests = 0;
  await using server = await serveHttp((_, response) => {
    requests += 1;
    response.statusCode = 429;
    response.setHeader('retry-after', '7');
    response.end();
  });
  const random = { ...seededRandom(1), fraction: () => 0 };
  await using transport = transportTo(server.target, { clock, random });
  const answered = transport.send(get('/'));
  for (let i = 1; i <= 10; i++) {
    await until(() => requests === i);
    await until(() => clock.pending > 0);
    await clock.advance(6_999);
    assert.equal(requests, i);
    await clock.advance(1);
  }
  assert.equal((await answered).status, 429);
  assert.equal(requests, 11);
});

test('buildTransport() sends once what is to be sent once, and waits for no server for an hour', async () => {
  let requests = 0;
  await using server = await serveHttp((request, response) => {
    requests += 1;
    response.statusCode = 429;
    response.setHeader('retry-after', request.url === '/long' ? '999999999' : '1');
    response.end();
  });
  await using transport = transportTo(server.target);
  const once = { ...get('/'), isRetryWanted: false };
  assert.equal((await transport.send(once)).status, 429);
  assert.equal((await transport.send(get('/long'))).status, 429);
  assert.equal(requests, 2);
});

test('buildTransport() keeps the pace that it is told, for repetitions too, but not for watches', async () => {
  const clock = new ManualClock();
  let requests = 0;
  await using server = await serveHttp((_, response) => {
    requests += 1;
    if (requests === 1) response.writeHead(503, { 'retry-after': '0' });
    response.end();
  });
  const rateLimit = { perSecond: 2, burst: 1 };
  await using transport = transportTo(server.target, { clock, rateLimit });
  const first = transport.send(get('/'));
  await until(() => requests === 1);
  await transport.send(get('/', { query: 'watch=true' }));
  await pause();
  assert.equal(requests, 2, 'the repetition waits, the watch does not');
  let status = 0;
  void first.then((response) => (status = response.status));
  for (let turn = 0; status === 0 && turn < 1_000; turn++) {
    await clock.advance(10);
    await pause();
  }
  assert.equal(status, 200);
  assert.ok(clock.elapsed() >= 500, 'the repetition has waited for its turn');
  const controller = new AbortController();
  const unwanted = transport.send(get('/', { signal: controller.signal }));
  controller.abort(new Error('not wanted any more'));
  await assert.rejects(unwanted, /not wanted/);
  assert.throws(() => transportTo(server.target, { rateLimit: { ...rateLimit, burst: 0 } }), {
    name: 'RangeError',
  });
});

test('buildTransport() does not repeat 500 without Retry-After, nor a POST that was cut', async () => {
  let requests = 0;
  await using server = await serveHttp((request, response) => {
    requests += 1;
    if (request.method === 'POST') return void request.socket.destroy();
    response.statusCode = 500;
    response.end();
  });
  await using transport = transportTo(server.target);
  assert.equal((await transport.send(get('/'))).status, 500);
  const posted = { ...get('/'), method: 'POST', body: Buffer.from('{}') };
  await assert.rejects(transport.send(posted), { problem: 'reset' });
  assert.equal(requests, 2);
});

test('buildTransport() repeats a GET that was cut, after a second or so', async () => {
  const clock = new ManualClock();
  let requests = 0;
  await using server = await serveHttp((request, response) => {
    requests += 1;
    if (requests === 1) request.socket.destroy();
    else response.end('ok');
  });
  await using transport = transportTo(server.target, { clock });
  const answered = transport.send(get('/'));
  await until(() => requests === 1);
  await until(() => clock.pending > 0);
  await pause();
  await clock.advance(499);
  assert.equal(requests, 1);
  await clock.advance(1_001);
  assert.equal(await textOf(await answered), 'ok');
});

test('buildTransport() decompresses, and says when that cannot be', async () => {
  await using server = await serveHttp2((request, response) => {
    assert.equal(request.headers['accept-encoding'], 'gzip');
    response.setHeader('content-encoding', 'gzip');
    const bytes = gzipSync('plain text');
    response.end(request.url === '/broken' ? bytes.subarray(0, 12) : bytes);
  });
  await using transport = transportTo(server.target);
  const response = await transport.send(get('/'));
  assert.equal(await textOf(response), 'plain text');
  assert.equal(response.headers['content-encoding'], undefined);
  const broken = await transport.send(get('/broken'));
  await assert.rejects(textOf(broken), { problem: 'malformed-answer' });
});

test('buildTransport() asks for no compression when that is not wanted', async () => {
  await using server = await serveHttp((request, response) =>
    response.end(String(request.headers['accept-encoding'])),
  );
  await using transport = transportTo({ ...server.target, disableCompression: true });
  assert.equal(await textOf(await transport.send(get('/'))), 'undefined');
});

test('buildTransport() reports warnings, and tells subscribers about requests', async () => {
  await using server = await serveHttp((_, response) => {
    response.setHeader('warning', ['299 - "old \\"version\\""', '299 - "second"', '199 - "other"']);
    response.end();
  });
  const warnings: string[] = [];
  await using transport = transportTo(server.target, { onWarning: (text) => warnings.push(text) });
  const traced: unknown[] = [];
  const listener = (message: unknown): void => void traced.push(message);
  subscribe('fairway:client:response', listener);
  try {
    await transport.send({ ...get('/traced'), headers: { authorization: 'Bearer secret' } });
  } finally {
    unsubscribe('fairway:client:response', listener);
  }
  assert.deepEqual(warnings, ['old "version"', 'second']);
  const [event] = traced as { path: string; status: number }[];
  assert.deepEqual([event?.path, event?.status], ['/traced', 200]);
  assert.ok(!JSON.stringify(traced).includes('secret'));
});

test('buildTransport() passes a valid trace context on', async () => {
  await using server = await serveHttp((request, response) =>
    response.end(`${request.headers['traceparent']}`),
  );
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await using transport = transportTo(server.target, { traceContext: () => ({ traceparent }) });
  assert.equal(await textOf(await transport.send(get('/'))), traceparent);
  await using wrong = transportTo(server.target, { traceContext: () => ({ traceparent: 'x' }) });
  assert.equal(await textOf(await wrong.send(get('/'))), 'undefined');
});

test('buildTransport() puts the path of the server before every request', async () => {
  await using server = await serveHttp((request, response) => response.end(request.url));
  await using transport = transportTo({ ...server.target, server: `${server.url}/k8s/c-1` });
  assert.equal(await textOf(await transport.send(get('/api'))), '/k8s/c-1/api');
});

test('buildTransport() limits the time of a request with all that belongs to it', async () => {
  const clock = new ManualClock();
  await using server = await serveHttp((_, response) => void response.write('begun'));
  await using transport = transportTo({ ...server.target, requestTimeoutMs: 2_000 }, { clock });
  const response = await transport.send(get('/'));
  const late = assert.rejects(textOf(response), { problem: 'timeout' });
  await clock.advance(2_000);
  await late;
});

test('buildTransport() explains servers that are not there or speak something else', async () => {
  await using gone = await serveHttp((_, response) => response.end());
  const { url } = gone;
  await gone[Symbol.asyncDispose]();
  await using refused = transportTo(manualTarget({ server: url }));
  await assert.rejects(refused.send(get('/')), { problem: 'refused', isUnsent: true, server: url });

  await using plain = await serveHttp((_, response) => response.end());
  const wrongScheme = plain.url.replace('http:', 'https:');
  await using encrypted = transportTo(manualTarget({ server: wrongScheme }));
  await assert.rejects(encrypted.send(get('/')), { problem: 'plain-http' });

  await using ssh = await listen(
    createTcp((socket) => socket.end('SSH-2.0-x\r\n')),
    'http',
  );
  await using other = transportTo(ssh.target);
  await assert.rejects(other.send(get('/')), { problem: 'malformed-answer' });
});

test('buildTransport() does not wait for ever for a connection or a handshake', async () => {
  const clock = new ManualClock();
  await using mute = await listen(createTcp(), 'https');
  await using transport = transportTo(mute.target, { clock });
  const refused = assert.rejects(transport.send(get('/')), { problem: 'timeout', isUnsent: true });
  await until(() => mute.sockets.size === 1);
  await clock.advance(10_001);
  await refused;
});

test('buildTransport() hands out the connection when the server upgrades it', async () => {
  const asked: unknown[] = [];
  const identity = { key: pem('server.key'), cert: pem('server.pem') };
  const server = createHttps(identity).on('upgrade', (request, socket: Socket) => {
    asked.push(request.headers.connection, request.headers.authorization, request.url);
    socket.write('HTTP/1.1 101 Yes\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nfirst');
    socket.pipe(socket);
  });
  await using served = await listen(server, 'https');
  const credentials = unchangingCredentials(bearerCredential('token'));
  await using transport = transportTo({ ...served.target, credentials });
  const exec = get('/exec', { query: 'command=sh' });
  const answer = await transport.upgrade({ ...exec, headers: { upgrade: 'echo' } });
  assert.ok(answer.kind === 'accepted');
  assert.equal(answer.headers['upgrade'], 'echo');
  await answer.stream.write(Buffer.from('ping'));
  let received = '';
  for await (const bytes of answer.stream.incoming) {
    received += Buffer.from(bytes).toString();
    if (received.length >= 'firstping'.length) break;
  }
  assert.equal(received, 'firstping');
  assert.deepEqual(asked, ['Upgrade', 'Bearer token', '/exec?command=sh']);
  answer.stream.destroy();
});

for (const serve of [serveHttp2, serveHttps]) {
  test(`buildTransport() shows no token that cannot be sent, ${serve.name}`, async () => {
    await using server = await serve((_, response) => response.end());
    const credentials = unchangingCredentials(bearerCredential('hunter2\r\nx-admin: yes'));
    await using transport = transportTo({ ...server.target, credentials });
    await assert.rejects(transport.send(get('/')), (error) => {
      assert.match(String(error), /the header "authorization" holds a line break/);
      return !inspect(error, { depth: 9 }).includes('hunter2');
    });
  });

  test(`buildTransport() sends names beyond ASCII as UTF-8, ${serve.name}`, async () => {
    let bytes = Buffer.alloc(0);
    await using server = await serve((request, response) => {
      bytes = Buffer.from(String(request.headers['impersonate-user']), 'latin1');
      response.end();
    });
    await using transport = transportTo({ ...server.target, impersonate: { user: 'Jürgen 李' } });
    await transport.send(get('/'));
    assert.equal(bytes.toString(), 'Jürgen 李');
    await assert.rejects(transport.send(get('/a b')), /must be percent-encoded/);
    await assert.rejects(transport.send(get('/a', { query: 'x=\r\n' })), TypeError);
  });
}

test('buildTransport() answers the refusal of an upgrade, as the same user', async () => {
  await using server = await serveHttps((_, response) => {
    response.statusCode = 403;
    response.end('no');
  });
  const credentials = unchangingCredentials(bearerCredential('token'));
  await using transport = transportTo({ ...server.target, credentials });
  const asked = { ...get('/exec'), headers: { upgrade: 'echo' } };
  const traced: unknown[] = [];
  const listener = (message: unknown): void => void traced.push(message);
  subscribe('fairway:client:response', listener);
  try {
    const refused = await transport.upgrade(asked);
    assert.ok(refused.kind === 'refused');
    assert.equal(await textOf(refused.response), 'no');
  } finally {
    unsubscribe('fairway:client:response', listener);
  }
  assert.equal((traced as { path: string; status: number }[])[0]?.status, 403);
});

for (const serve of [serveHttp2, serveHttps, serveHttp]) {
  test(`buildTransport() fails what is under way when it is closed, and all that follows, ${serve.name}`, async () => {
    await using server = await serve(() => {});
    // Each time a little later: while it loads, connects, shakes hands, begins and waits.
    for (let turns = 0; turns < 20; turns++) {
      const transport = transportTo(server.target);
      const waiting = transport.send(get('/', { query: 'watch=true' }));
      const failed = assert.rejects(waiting, ConnectionError);
      for (let turn = 0; turn < turns; turn++) await pause();
      await transport.close();
      await failed;
      await assert.rejects(transport.send(get('/')), { problem: 'closed' });
    }
    await until(() => server.sockets.size === 0);
  });
}

function transportTo(target: ClusterTarget, options: Partial<TransportOptions> = {}): Transport {
  return buildTransport(target, { clock: systemClock, random: seededRandom(1), ...options });
}

function get(path: string, request: { query?: string; signal?: AbortSignal } = {}): HttpRequest {
  const { query = '', signal = new AbortController().signal } = request;
  return { method: 'GET', path, query, headers: {}, body: undefined, signal };
}

async function textOf({ body }: HttpResponse): Promise<string> {
  return Buffer.from(await readBody(body, 1e9)).toString();
}

function certificateOf(name: string): Credential {
  const key = new Secret(pem(`${name}.key`));
  return { clientCertificate: { certificate: pem(`${name}.pem`), key } };
}

/** Real sockets need real turns of the event loop, but no particular time. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5_000; turn++) {
    if (isTrue()) return;
    await pause();
  }
  assert.fail(`still not true: ${isTrue}`);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
