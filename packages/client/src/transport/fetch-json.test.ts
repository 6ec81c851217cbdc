import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@fairway/host/nodejs';
import { pem, serveHttps } from '../../test/small-server.ts';
import { nodeFetchJson } from './fetch-json.ts';

const fetchJson = nodeFetchJson({ clock: systemClock, variables: {} });
const bounds = { timeoutMs: 5000, responseBytesMax: 1000 };

test('nodeFetchJson() posts a form to a verified issuer and decodes the answer', async () => {
  await using server = await serveHttps((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const type = request.headers['content-type'];
      response.end(JSON.stringify({ url: request.url, type, body }));
    });
  });
  const request = {
    method: 'POST',
    url: `${server.url}/realm/token?x=1`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=refresh_token',
    ...bounds,
  } as const;
  const certificateAuthority = pem('authority.pem');
  assert.deepEqual(await fetchJson({ ...request, certificateAuthority }), {
    status: 200,
    body: {
      url: '/realm/token?x=1',
      type: 'application/x-www-form-urlencoded',
      body: 'grant_type=refresh_token',
    },
  });
  await assert.rejects(fetchJson({ ...request, certificateAuthority: pem('other-authority.pem') }));
});

test('nodeFetchJson() bounds the answer and passes over what is no JSON', async () => {
  await using server = await serveHttps((request, response) => {
    response.end(request.url === '/long' ? 'x'.repeat(5000) : '<html>');
  });
  const request = { method: 'GET', headers: {}, ...bounds } as const;
  const certificateAuthority = pem('authority.pem');
  const html = await fetchJson({ ...request, url: `${server.url}/`, certificateAuthority });
  assert.deepEqual(html, { status: 200, body: undefined });
  const long = fetchJson({ ...request, url: `${server.url}/long`, certificateAuthority });
  await assert.rejects(long, /longer than 1000 bytes/);
});
