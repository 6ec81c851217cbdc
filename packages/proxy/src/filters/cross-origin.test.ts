import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiError } from '@fairway/protocol';
import { answerOrigins } from './cross-origin.ts';

const origins = [/^https:\/\/app\.example$/];
const upgradeHandler = () => assert.fail();
const served = answerOrigins(origins, {
  upgradeHandler,
  handler: async ({ method }) => {
    if (method === 'DELETE') throw apiError('Forbidden', 'no');
    const headers = { 'access-control-allow-origin': '*', vary: 'Accept', a: 'b' };
    return { status: 200, headers, body: undefined };
  },
});

const { signal } = new AbortController();
const ask = (method: string, headers: Readonly<Record<string, string>>) =>
  served.handler({ method, path: '/', query: '', headers, body: undefined, signal });

test('answerOrigins() lets pages of accepted origins read, and no others', async () => {
  assert.deepEqual((await ask('GET', { origin: 'https://app.example' })).headers, {
    a: 'b',
    'access-control-allow-origin': 'https://app.example',
    'access-control-expose-headers': 'Audit-Id, Location, Retry-After, Warning',
    vary: 'Accept, Origin',
  });
  for (const origin of ['https://evil.example', 'https://app.example.evil', 'null', '']) {
    const { headers } = await ask('GET', { origin });
    assert.equal(headers['access-control-expose-headers'], undefined, origin);
  }
  const same = { handler: served.handler, upgradeHandler };
  assert.equal(answerOrigins([], same), same);
});

test('answerOrigins() answers what a browser asks first, without asking the cluster', async () => {
  const asked = {
    origin: 'https://app.example',
    'access-control-request-method': 'DELETE',
    'access-control-request-headers': 'authorization',
    'access-control-request-private-network': 'true',
  };
  const { status, headers } = await ask('OPTIONS', asked);
  assert.equal(status, 204);
  assert.equal(headers['access-control-allow-headers'], 'authorization');
  assert.equal(headers['access-control-allow-private-network'], 'true');
  assert.match(String(headers['access-control-allow-methods']), /DELETE/);
  assert.equal(headers['access-control-allow-credentials'], undefined);
  const foreign = await ask('OPTIONS', { ...asked, origin: 'https://evil.example' });
  assert.equal(foreign.status, 200);
});
