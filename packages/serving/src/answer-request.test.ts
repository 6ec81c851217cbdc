import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import type { HttpRequest } from '@fairway/protocol';
import { makeTestCertificates } from '@fairway/certificates/testing';
import {
  connectHttp2,
  listenForTest,
  sendHttp1,
  sendHttp2,
  sendRaw,
  textResponse,
} from '@fairway/serving/testing';
import { limitBody } from './filters/limit-body.ts';
import { reportErrors } from './filters/report-errors.ts';
import { silentLogger } from '@fairway/host';

const pki = await makeTestCertificates();
const trust = { ca: pki.authority.certificate };

/** A body that is fed by hand, and tells when its reader has left. */
function feed() {
  const returned = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let answer: ((result: IteratorResult<Uint8Array>) => void) | undefined;
  let hasEnded = false;
  const end = { done: true, value: undefined } as const;
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        asked.resolve();
        return hasEnded ? Promise.resolve(end) : new Promise((resolve) => (answer = resolve));
      },
      async return() {
        hasEnded = true;
        returned.resolve();
        answer?.(end);
        return end;
      },
    }),
  };
  const push = (text: string): void => answer?.({ done: false, value: Buffer.from(text) });
  return { body, push, asked: asked.promise, returned: returned.promise };
}

for (const protocol of ['h2', 'h1'] as const) {
  test(`a chunk reaches the reader at once, and leaving ends the body (${protocol})`, async () => {
    const source = feed();
    const signals: AbortSignal[] = [];
    await using listener = await listenForTest(
      async ({ signal }) => {
        signals.push(signal);
        return { status: 200, headers: {}, body: source.body };
      },
      { tls: pki.tls },
    );
    using client = await connectHttp2(listener.url, trust);
    const request =
      protocol === 'h2' ? client.session.request({}) : await requestHttp1(listener.url);
    request.on('error', () => {});
    const [response] = await once(request, 'response');
    const stream = protocol === 'h2' ? request : response;
    stream.on('error', () => {});
    await source.asked;
    source.push('one');
    assert.equal(String((await once(stream, 'data'))[0]), 'one');
    request.destroy();
    await source.returned;
    if (signals[0]?.aborted === false) await once(signals[0], 'abort');
    assert.deepEqual(listener.errors, []);
  });

  test(`a body that fails cuts the response short (${protocol})`, async () => {
    await using listener = await listenForTest(
      async () => ({ status: 200, headers: {}, body: failing() }),
      { tls: pki.tls },
    );
    using client = await connectHttp2(listener.url, trust);
    await assert.rejects(
      protocol === 'h2' ? sendHttp2(client.session, {}) : sendHttp1(listener.url, trust),
    );
    assert.equal(listener.errors.length, 1);
  });

  test(`a handler may answer without reading the body (${protocol})`, async () => {
    await using listener = await listenForTest(async () => textResponse('no'), { tls: pki.tls });
    using client = await connectHttp2(listener.url, trust);
    const body = 'x'.repeat(200_000);
    const post = { method: 'POST', body };
    for (let round = 0; round < 3; round++) {
      const answer =
        protocol === 'h2'
          ? await sendHttp2(client.session, { ':method': 'POST' }, body)
          : await sendHttp1(listener.url, { ...trust, ...post });
      assert.equal(answer.text, 'no');
    }
  });

  test(`limitBody() answers 413 to announced and to streamed bodies (${protocol})`, async () => {
    const handler = reportErrors(
      { logger: silentLogger },
      limitBody({ bodyBytesMax: 1000 }, async ({ body }) => textResponse(await readText(body))),
    );
    await using listener = await listenForTest(handler, { tls: pki.tls });
    using client = await connectHttp2(listener.url, trust);
    const send = (size: number, headers: Record<string, string>) =>
      protocol === 'h2'
        ? sendHttp2(client.session, { ':method': 'POST', ...headers }, 'x'.repeat(size))
        : sendHttp1(listener.url, {
            ...trust,
            method: 'POST',
            body: 'x'.repeat(size),
            headers: headers['content-length'] ? headers : { 'transfer-encoding': 'chunked' },
          });
    assert.equal((await send(1000, {})).text.length, 1000);
    for (const headers of [{}, { 'content-length': '1001' }]) {
      const refused = await send(1001, headers);
      assert.equal(refused.status, 413);
      const status = JSON.parse(refused.text);
      assert.equal(status.reason, 'RequestEntityTooLarge');
      assert.match(status.message, /limit is 1000$/);
    }
  });
}

test('a reader that does not read is waited for, then cut off', async () => {
  let chunks = 0;
  const ended = Promise.withResolvers<void>();
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (; ; chunks++) yield Buffer.alloc(256 * 1024);
    } finally {
      ended.resolve();
    }
  }
  await using listener = await listenForTest(
    async () => ({ status: 200, headers: {}, body: endless() }),
    { tls: pki.tls, limits: { writeStallMs: 100 } },
  );
  using client = await connectHttp2(listener.url, trust);
  const stream = client.session.request({});
  stream.on('error', () => {});
  stream.pause();
  await ended.promise;
  assert.ok(chunks < 20, `${chunks} chunks were buffered`);
});

test('a body that is cut off does not look complete', async () => {
  const failed = Promise.withResolvers<unknown>();
  const entered = Promise.withResolvers<void>();
  await using listener = await listenForTest(
    async ({ body }) => {
      entered.resolve();
      await readText(body).then(
        (text) => failed.resolve(`complete: ${text}`),
        (error: unknown) => failed.resolve(error),
      );
      return textResponse('');
    },
    { tls: pki.tls },
  );
  using client = await connectHttp2(listener.url, trust);
  const stream = client.session.request({ ':method': 'POST' });
  stream.on('error', () => {});
  stream.write('half');
  await entered.promise;
  stream.destroy(new Error('client failed')); // `close` would end the upload first.
  assert.ok((await failed.promise) instanceof Error);
});

test('an upload waits for its reader', async () => {
  const read = Promise.withResolvers<void>();
  await using listener = await listenForTest(
    async ({ body }) => {
      await read.promise;
      return textResponse(String((await readText(body)).length));
    },
    { tls: pki.tls },
  );
  using client = await connectHttp2(listener.url, trust);
  const stream = client.session.request({ ':method': 'POST' });
  let written = 0;
  while (stream.write(Buffer.alloc(64 * 1024))) written += 1;
  stream.end();
  read.resolve();
  const text = Buffer.concat(await stream.toArray()).toString();
  assert.equal(text, String((written + 1) * 64 * 1024));
});

test('a connection ends when the rest of an unread upload does not come', async () => {
  await using listener = await listenForTest(async () => textResponse('no'), {
    limits: { unreadBodyLingerMs: 50 },
  });
  const answer = await sendRaw(
    listener.port,
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf',
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n.*no$/s);
});

async function requestHttp1(url: string): Promise<http.ClientRequest> {
  const { request } = await import('node:https');
  return request(url, { ...trust, agent: false }).end();
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('begin');
  throw new Error('the store went away');
}

async function readText(body: HttpRequest['body']): Promise<string> {
  const chunks: Uint8Array[] = [];
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
