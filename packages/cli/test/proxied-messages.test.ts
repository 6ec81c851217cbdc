import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { sendHttp1, sendRaw } from '@fairway/serving/testing';
import { answering, proxied, proxyBackend, readUntil } from './proxied-backend.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

test('a body is framed for the backend whatever the method', async (t) => {
  const bodies = {
    'Content-Length: 5\r\n\r\nhello': /content-length: 5\r\n.*\r\n\r\nhello$/is,
    'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n':
      /transfer-encoding: chunked\r\n.*\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/is,
  };
  for (const method of ['GET', 'DELETE', 'POST', 'OPTIONS', 'PATCH']) {
    for (const [sent, wanted] of Object.entries(bodies)) {
      await t.test(`${method} ${sent.slice(0, 17)}`, async () => {
        const seen = { text: '' };
        await using api = await proxyBackend((socket) => {
          socket.on('data', (chunk: Buffer) => {
            seen.text += chunk.toString();
            if (wanted.test(seen.text)) socket.write(ok);
          });
        });
        const head = `${method} ${proxied}/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`;
        const answer = await sendRaw(api.port, `${head}${sent}`);
        assert.match(answer, /^HTTP\/1\.1 200 /);
        assert.match(seen.text, wanted);
        assert.equal(seen.text.match(/HTTP\/1\.1/g)?.length, 1);
      });
    }
  }
});

test('a request that two could read in two ways does not reach the backend', async (t) => {
  const head = `POST ${proxied}/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`;
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
  for (const [name, bytes] of Object.entries({
    'both lengths': `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    'two lengths': `${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\nhello${smuggled}`,
    'a list of lengths': `${head}Content-Length: 4, 4\r\n\r\nhell${smuggled}`,
    'a signed length': `${head}Content-Length: +4\r\n\r\nhell${smuggled}`,
    'not quite chunked': `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
    'chunked twice': `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
    'a space before the colon': `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    'a folded line': `${head}X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n`,
    'a bare line feed': `${head}X-A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    'a bare carriage return': `${head}X-A: b\rContent-Length: 4\r\n\r\nhell`,
    'a null': `${head}X-A: \0b\r\nContent-Length: 0\r\n\r\n`,
    'a bad chunk': `${head}Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n`,
    'a space in the path': `GET ${proxied}/a b HTTP/1.1\r\nHost: a\r\n\r\n`,
  })) {
    await t.test(name, async () => {
      const seen = { text: '' };
      await using api = await proxyBackend(answering(ok, seen));
      const answer = await sendRaw(api.port, bytes);
      assert.doesNotMatch(answer, /^HTTP\/1\.1 200/);
      assert.doesNotMatch(seen.text, /smuggled/);
      // The head may have gone on before a chunk turned out to be bad; its end has not.
      assert.doesNotMatch(seen.text, /\r\n0\r\n\r\n$/);
    });
  }
  await t.test('what is percent-encoded stays so', async () => {
    const seen = { text: '' };
    await using api = await proxyBackend(answering(ok, seen));
    const path = `${proxied}/a%0d%0aX-B:%20c%00%2f..%2f?d=%0D%0A%20HTTP/1.1`;
    const answer = await sendRaw(
      api.port,
      `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.match(
      seen.text,
      /^GET \/a%0d%0aX-B:%20c%00%2f\.\.%2f\?d=%0D%0A%20HTTP\/1\.1 HTTP\/1\.1\r\n/,
    );
    assert.doesNotMatch(seen.text, /^x-b:/im);
  });
});

test('header values keep the bytes that they have', async () => {
  const seen = { text: '' };
  const name = Buffer.from('Grüße €').toString('latin1');
  const answer = `HTTP/1.1 200 OK\r\nContent-Disposition: ${name}\r\nContent-Length: 0\r\n\r\n`;
  await using api = await proxyBackend(answering(Buffer.from(answer, 'latin1'), seen));
  const request = `GET ${proxied}/ HTTP/1.1\r\nHost: a\r\nX-Name: ${name}\r\nConnection: close\r\n\r\n`;
  const socket = api.connect();
  socket.write(Buffer.from(request, 'latin1'));
  const text = await readUntil(socket, /\r\n\r\n/);
  assert.ok(text.includes(`: ${name}\r\n`));
  assert.ok(seen.text.includes(`: ${name}\r\n`));
});

test('an answer that is none, or not all of it, is never taken for one', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\n';
  for (const [name, bytes] of Object.entries({
    'no HTTP': 'hello\r\n\r\n',
    'both lengths': `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'two lengths': `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`,
    'a bad length': `${head}Content-Length: -2\r\n\r\nabc`,
    'a null': `${head}X-A: \0\r\n\r\n`,
    'no end of headers': `${head}${'X-A: b\r\n'.repeat(10_000)}`,
    'a protocol that nobody asked for':
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  })) {
    await t.test(name, async () => {
      await using api = await proxyBackend((socket) => {
        socket.once('data', () => socket.end(bytes));
      });
      const { status, text } = await sendHttp1(`http://127.0.0.1:${api.port}${proxied}/`);
      assert.equal(status, 503);
      assert.match(text, /error trying to reach service: /);
    });
  }
  for (const [name, bytes] of Object.entries({
    'a length that is too long': `${head}Content-Length: 10\r\n\r\nabc`,
    'chunks without an end': `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
    'a bad chunk': `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n`,
  })) {
    await t.test(name, async () => {
      await using api = await proxyBackend((socket) => {
        socket.once('data', () => socket.end(bytes));
      });
      const asked = sendHttp1(`http://127.0.0.1:${api.port}${proxied}/`);
      await assert.rejects(asked, { code: 'ECONNRESET' });
      assert.equal(api.errors.length, 1);
    });
  }
  await t.test('a length that is too short', async () => {
    let requests = 0;
    await using api = await proxyBackend((socket) => {
      socket.on('data', () => {
        requests += 1;
        socket.write(
          `${head}Content-Length: 3\r\n\r\nabc${requests === 1 ? `${head}X: stolen\r\n\r\n` : ''}`,
        );
      });
    });
    const url = `http://127.0.0.1:${api.port}${proxied}/`;
    for (let count = 0; count < 3; count += 1) {
      const { text, headers } = await sendHttp1(url);
      assert.deepEqual([text, headers['x']], ['abc', undefined]);
    }
  });
});

const page = '<a href="/x">x</a>';
const local = `<a href="${proxied}/x">x</a>`;

for (const [encoding, body] of Object.entries({
  '': Buffer.from(page),
  gzip: gzipSync(page),
  deflate: deflateSync(page),
  br: brotliCompressSync(page),
  zstd: zstdCompressSync(page),
})) {
  test(`links of a page that comes ${encoding === '' ? 'as it is' : `as ${encoding}`} lead through the proxy`, async () => {
    const headers = [
      'HTTP/1.1 200 OK',
      'Content-Type: TEXT/html; charset=utf-8',
      `Content-Length: ${body.length}`,
      ...(encoding === '' ? [] : [`Content-Encoding: ${encoding}`]),
    ].join('\r\n');
    await using api = await proxyBackend(
      answering(Buffer.concat([Buffer.from(`${headers}\r\n\r\n`), body])),
    );
    const answer = await sendHttp1(`http://127.0.0.1:${api.port}${proxied}/`, {
      headers: { 'accept-encoding': 'gzip, deflate, br, zstd' },
    });
    assert.equal(answer.text, local);
    assert.equal(answer.headers['content-encoding'], undefined);
    assert.equal(answer.headers['content-length'], undefined);
  });
}

test('only whole pages are rewritten, and only what can be read', async (t) => {
  for (const [name, head, isHead] of [
    ['another type', 'HTTP/1.1 200 OK\r\nContent-Type: text/plain'],
    ['a part', 'HTTP/1.1 206 Partial\r\nContent-Type: text/html'],
    ['an unknown encoding', 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: x'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Type: text/html', true],
  ] as const) {
    await t.test(name, async () => {
      const body = isHead === true ? '' : page;
      const bytes = `${head}\r\nContent-Length: ${page.length}\r\n\r\n${body}`;
      await using api = await proxyBackend(answering(bytes));
      const method = isHead === true ? 'HEAD' : 'GET';
      const answer = await sendHttp1(`http://127.0.0.1:${api.port}${proxied}/`, { method });
      assert.equal(answer.text, body);
      // The length of the page as it would come is not known.
      const length = isHead === true ? undefined : String(page.length);
      assert.equal(answer.headers['content-length'], length);
    });
  }
  await t.test('a page that is not what its encoding says', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip';
    await using api = await proxyBackend(answering(`${head}\r\nContent-Length: 5\r\n\r\nhello`));
    const asked = sendHttp1(`http://127.0.0.1:${api.port}${proxied}/`);
    await assert.rejects(asked, { code: 'ECONNRESET' });
  });
});

test('a redirect leads back through the proxy', async () => {
  const bytes =
    'HTTP/1.1 302 Found\r\nLocation: http://a.example/in?b#c\r\nContent-Length: 0\r\n\r\n';
  await using api = await proxyBackend(answering(bytes));
  const { status, headers } = await sendHttp1(`http://127.0.0.1:${api.port}${proxied}/`, {
    headers: { host: 'a.example' },
  });
  assert.deepEqual([status, headers.location], [302, `${proxied}/in?b#c`]);
});

test('a stream has an end in each direction, and its bytes come with its request', async () => {
  const seen = { text: '' };
  await using api = await proxyBackend((socket) => {
    let isAccepted = false;
    socket.on('data', (chunk: Buffer) => {
      seen.text += chunk.toString();
      if (isAccepted || !seen.text.includes('\r\n\r\n')) return;
      isAccepted = true;
      socket.write(
        'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nfirst',
      );
    });
    socket.once('end', () => socket.end('last'));
  });
  const socket = api.connect();
  const head = `GET ${proxied}/live?a=b HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
  socket.write(`${head}Authorization: Bearer mine\r\nCookie: b=c\r\n\r\nearly`);
  const accepted = await readUntil(socket, /first$/);
  assert.match(accepted, /^HTTP\/1\.1 101 .*\r\nupgrade: websocket\r\n/is);
  socket.end('late');
  assert.match(await readUntil(socket, /last$/), /^last$/);
  await once(socket, 'close');
  assert.match(seen.text, /^GET \/live\?a=b HTTP\/1\.1\r\n.*\r\n\r\nearlylate$/is);
  assert.match(seen.text, /\r\ncookie: b=c\r\n/i);
  assert.doesNotMatch(seen.text, /authorization/i);
  while (api.sockets.size > 0) await turn();
});

test('what a backend answers instead of a stream comes back', async () => {
  await using api = await proxyBackend(answering('HTTP/1.1 426 No\r\nContent-Length: 2\r\n\r\nno'));
  const head = `GET ${proxied}/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`;
  assert.match(await sendRaw(api.port, head), /^HTTP\/1\.1 426 .*\r\n\r\nno$/s);
});
