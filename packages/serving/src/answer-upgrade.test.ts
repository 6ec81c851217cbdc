import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import {
  type HttpRequest,
  type UpgradeAnswer,
  type UpgradeHandler,
  apiError,
} from '@fairway/protocol';
import { acceptUpgrade, byteStreamPair } from '@fairway/protocol/streams';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { listenForTest, sendHttp1, sendRaw, textResponse } from '@fairway/serving/testing';
import { formatUpgradeHead } from './upgrade.ts';

const pki = await makeTestCertificates();
const trust = { ca: pki.authority.certificate };
const offer = { connection: 'Upgrade', upgrade: 'websocket' };

const echo: UpgradeHandler = async (request) =>
  acceptUpgrade({ upgrade: 'websocket', 'x-path': request.path }, async (stream) => {
    for await (const chunk of stream.incoming) await stream.write(chunk);
  });

for (const isSecure of [true, false]) {
  const options = isSecure ? { tls: pki.tls } : {};
  const client = isSecure ? https : http;

  test(`an accepted upgrade becomes a byte stream (TLS: ${isSecure})`, async () => {
    await using listener = await listenForTest(async () => textResponse('plain'), {
      ...options,
      upgradeHandler: echo,
    });
    const request = client.request(`${listener.url}/exec`, { ...trust, headers: offer });
    request.end();
    const [response, socket] = (await once(request, 'upgrade')) as [http.IncomingMessage, Duplex];
    assert.equal(response.headers['x-path'], '/exec');
    socket.end('hello');
    assert.equal(Buffer.concat(await socket.toArray()).toString(), 'hello');
  });

  test(`a refused upgrade gets a response (TLS: ${isSecure})`, async () => {
    await using listener = await listenForTest(async () => textResponse('plain'), {
      ...options,
      upgradeHandler: async () => {
        throw apiError('Forbidden', 'no exec for you');
      },
    });
    const refused = await sendHttp1(listener.url, { ...trust, headers: offer });
    assert.equal(refused.status, 403);
    assert.equal(JSON.parse(refused.text).message, 'no exec for you');
  });

  test(`an offer of another protocol is ignored (TLS: ${isSecure})`, async () => {
    await using listener = await listenForTest(async () => textResponse('plain'), {
      ...options,
      upgradeHandler: echo,
    });
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' };
    const answer = await sendHttp1(listener.url, { ...trust, headers });
    assert.deepEqual([answer.status, answer.text], [200, 'plain']);
  });
}

test('bytes that come with the upgrade request are read from the stream', async () => {
  await using listener = await listenForTest(async () => textResponse(''), {
    upgradeHandler: async () =>
      acceptUpgrade({ upgrade: 'SPDY/3.1' }, async (stream) => {
        for await (const first of stream.incoming) {
          await stream.write(Buffer.from(`got ${String(first)}`));
          await stream.end();
        }
      }),
  });
  const answer = await sendRaw(
    listener.port,
    'POST / HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\nearly',
  );
  assert.match(answer, /^HTTP\/1\.1 101 .*\r\nupgrade: SPDY\/3\.1\r\n\r\ngot early$/s);
});

test('a stream that comes after its connection was cut is let go of', async () => {
  const asked = Promise.withResolvers<HttpRequest>();
  const answer = Promise.withResolvers<UpgradeAnswer>();
  await using listener = await listenForTest(async () => textResponse(''), {
    upgradeHandler: (request) => {
      asked.resolve(request);
      return answer.promise;
    },
  });
  const request = http.request(listener.url, { headers: offer }).on('error', () => {});
  request.end();
  const { signal } = await asked.promise;
  const aborted = once(signal, 'abort');
  await listener.close();
  await aborted;
  const [stream, far] = byteStreamPair();
  answer.resolve({ kind: 'accepted', headers: { upgrade: 'websocket' }, stream });
  await far.closed;
  assert.deepEqual(listener.errors, []);
});

test('a request with a body keeps its protocol', async () => {
  await using listener = await listenForTest(
    async ({ body }) => textResponse(body === undefined ? 'nothing' : await text(body as never)),
    { upgradeHandler: echo },
  );
  const sent = { method: 'POST', headers: offer, body: 'an object' };
  assert.equal((await sendHttp1(listener.url, sent)).text, 'an object');
});

test('an upgraded stream whose work fails is cut off and logged', async () => {
  await using listener = await listenForTest(async () => textResponse(''), {
    upgradeHandler: async () =>
      acceptUpgrade({ upgrade: 'websocket' }, async () => {
        throw new Error('the pod is gone');
      }),
  });
  const request = http.request(listener.url, { headers: offer }).end();
  request.on('error', () => {});
  const [, socket] = (await once(request, 'upgrade')) as [http.IncomingMessage, Duplex];
  socket.on('error', () => {});
  await once(socket, 'close');
  assert.equal(listener.errors.length, 1);
});

test('a caller who ends the connection before all was said is no error', async () => {
  const written = Promise.withResolvers<void>();
  await using listener = await listenForTest(async () => textResponse(''), {
    tls: pki.tls,
    upgradeHandler: async () =>
      acceptUpgrade({ upgrade: 'websocket' }, async (stream) => {
        for await (const _ of stream.incoming);
        await stream.write(Buffer.from('goodbye')).finally(written.resolve);
      }),
  });
  const request = https.request(listener.url, { ...trust, headers: offer }).end();
  const [, socket] = (await once(request, 'upgrade')) as [http.IncomingMessage, Duplex];
  socket.end();
  await Promise.all([written.promise, once(socket, 'close')]);
  assert.deepEqual(listener.errors, []);
});

for (const code of ['EPIPE', 'ECONNRESET', 'ECANCELED'])
  test(`a party that has gone is no error (${code})`, async () => {
    await using listener = await listenForTest(async () => textResponse(''), {
      upgradeHandler: async () =>
        acceptUpgrade({ upgrade: 'websocket' }, async () => {
          throw Object.assign(new Error('the caller has gone'), { code });
        }),
    });
    const request = http.request(listener.url, { headers: offer }).end();
    request.on('error', () => {});
    const [, socket] = (await once(request, 'upgrade')) as [http.IncomingMessage, Duplex];
    socket.on('error', () => {});
    await once(socket, 'close');
    assert.deepEqual(listener.errors, []);
  });

test('formatUpgradeHead() refuses a header that would start another one', () => {
  assert.throws(() => formatUpgradeHead({ upgrade: 'websocket\r\nset-cookie: a=b' }), /line break/);
});
