import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authenticator } from '@fairway/access';
import { silentLogger } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { Handler, HttpResponse } from '@fairway/protocol';
import { AggregatedApis } from './registry/aggregated-api.ts';
import { buildRequestPipeline } from './request-pipeline.ts';

const { signal } = new AbortController();

/** Everybody is who they say; every answer is a stream that lasts until somebody leaves it. */
function openPipeline(): (path: string, options?: Asked) => Promise<HttpResponse> {
  const authenticator: Authenticator = async ({ headers }) => ({
    kind: 'authenticated',
    user: { username: String(headers['user-agent']), groups: [] },
  });
  const handler: Handler = buildRequestPipeline(
    {
      clock: new ManualClock(),
      random: seededRandom(1),
      logger: silentLogger,
      authenticator,
      authorizer: () => ({ kind: 'allow', reason: '' }),
      bounds: { requestsMax: 400, mutatingRequestsMax: 200 },
      aggregatedApis: new AggregatedApis(),
    },
    async () => ({ status: 200, headers: {}, body: endless() }),
  );
  return (path, { user = 'ann', method = 'GET' } = {}) => {
    const [pathOnly = '', query = ''] = path.split('?');
    const headers = { 'user-agent': user };
    return handler({ method, path: pathOnly, query, headers, body: undefined, signal });
  };
}

interface Asked {
  readonly user?: string;
  readonly method?: string;
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.from('x');
}

async function leave({ body }: HttpResponse): Promise<void> {
  assert.ok(body !== undefined && !(body instanceof Uint8Array));
  await body[Symbol.asyncIterator]().return?.();
}

async function repeat(count: number, ask: () => Promise<HttpResponse>): Promise<HttpResponse> {
  let last = await ask();
  for (let at = 1; at < count; at++) last = await ask();
  assert.equal(last.status, 200);
  return last;
}

const watches = [
  '/api/v1/namespaces/a/pods/b/log?follow=true',
  '/api/v1/pods?watch=1',
  '/api/v1/pods?w%61tch=1',
  '/api/v1/pods?watch',
  '/api/v1/pods?watch=T&x',
  '/api/v1/pods?+&watch=true',
  '/api/v1/watch/pods',
  '/api/v1/w%61tch/pods',
];

test('a watch is none of the requests in flight, however it is spelled', async () => {
  const ask = openPipeline();
  for (const path of watches) await repeat(100, () => ask(path));
  await repeat(400, () => ask('/api/v1/pods'));
  assert.equal((await ask('/api/v1/pods')).status, 429);
});

test('what only looks like a watch is one of the requests in flight', async () => {
  const ask = openPipeline();
  await repeat(200, () => ask('/api/v1/pods?watch=false'));
  await repeat(200, () => ask('/api/v1/namespaces/a/pods/b?watch=1'));
  assert.equal((await ask('/api/v1/pods')).status, 429);
  const post = { method: 'POST' };
  await repeat(200, () => ask('/api/v1/pods?watch=1', post));
  assert.equal((await ask('/api/v1/pods', post)).status, 429);
});

test('who asks for health is answered, however busy the server is', async () => {
  const ask = openPipeline();
  await repeat(400, () => ask('/api/v1/pods'));
  assert.equal((await ask('/version')).status, 429);
  assert.equal((await ask('/livezz')).status, 429);
  for (const path of ['/livez', '/readyz', '/healthz', '/readyz/etcd', '/l%69vez?verbose']) {
    assert.equal((await ask(path)).status, 200, path);
  }
});

test('one user holds so many watches and no more, and others can still watch', async () => {
  const ask = openPipeline();
  const last = await repeat(5_000, () => ask('/api/v1/pods?watch=1'));
  const refused = await ask('/api/v1/pods?w%61tch=1');
  assert.equal(refused.status, 429);
  assert.match(String(refused.body), /Too many watches of one user/);
  assert.equal((await ask('/api/v1/pods?watch=1', { user: 'bob' })).status, 200);
  await leave(last);
  assert.equal((await ask('/api/v1/pods?watch=1')).status, 200);
});

test('one server holds so many watches and no more', async () => {
  const ask = openPipeline();
  for (const user of ['ann', 'bob', 'cid', 'dan']) {
    await repeat(5_000, () => ask('/api/v1/pods?watch=1', { user }));
  }
  const refused = await ask('/api/v1/pods?watch=1', { user: 'eve' });
  assert.equal(refused.status, 429);
  assert.match(String(refused.body), /Too many watches, please/);
  assert.equal((await ask('/api/v1/pods')).status, 200);
});

test('a path that cannot be read is a bad request, and counts for nobody', async () => {
  const ask = openPipeline();
  for (let at = 0; at < 700; at++) {
    const { status, body } = await ask('/api/v1/namespaces/%zz/pods');
    assert.equal(status, 400);
    assert.match(String(body), /"kind":"Status".*invalid URL escape/);
  }
});
