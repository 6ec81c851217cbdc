import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '@fairway/protocol';
import { Metrics } from '@fairway/serving/metrics';
import { answerProxyHealth } from './answer-health.ts';
import { endWatches } from './end-watches.ts';
import { type RunningProxy, SwitchedProxy } from './switched-proxy.ts';

const { signal } = new AbortController();
const request = (path: string, query = '', method = 'GET'): HttpRequest => ({
  method,
  path,
  query,
  signal,
  headers: {},
  body: undefined,
});

/** A proxy whose answers last until `end` is called. */
function lasting(name: string) {
  const closed: string[] = [];
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const proxy: RunningProxy = {
    handler: async () => ({ status: 200, headers: { name }, body: parts() }),
    upgradeHandler: () => assert.fail(),
    [Symbol.asyncDispose]: async () => void closed.push(name),
  };
  async function* parts(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('first');
      await ended;
      yield Buffer.from('last');
    } finally {
      closed.push('body');
    }
  }
  return { proxy, closed, end };
}

function bodyOf({ body }: { readonly body: unknown }): AsyncIterator<Uint8Array> {
  return (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
}

test('SwitchedProxy leaves running requests where they came to, and lets go after the last', async () => {
  const [old, next] = [lasting('old'), lasting('next')];
  await using proxy = new SwitchedProxy(old.proxy);
  const running = await proxy.handler(request('/'));
  const parts = bodyOf(running);
  await parts.next();
  proxy.switchTo(next.proxy);
  assert.equal((await proxy.handler(request('/'))).headers['name'], 'next');
  assert.deepEqual(old.closed, []);
  old.end();
  assert.equal(Buffer.from((await parts.next()).value as Uint8Array).toString(), 'last');
  assert.equal((await parts.next()).done, true);
  assert.deepEqual(old.closed, ['body', 'old']);
  const idle = lasting('idle');
  const another = new SwitchedProxy(idle.proxy);
  another.switchTo(next.proxy);
  assert.deepEqual(idle.closed, ['idle']);
});

test('endWatches() ends watches properly, and leaves everything else to its end', async () => {
  const ending = new AbortController();
  const [watch, get] = [lasting('watch'), lasting('get')];
  const watched = bodyOf(
    await endWatches(ending.signal, watch.proxy).handler(request('/api/v1/pods', 'watch=1')),
  );
  const got = bodyOf(await endWatches(ending.signal, get.proxy).handler(request('/api/v1/pods')));
  await Promise.all([watched.next(), got.next()]);
  const next = watched.next();
  ending.abort();
  assert.equal((await next).done, true);
  get.end();
  assert.equal((await got.next()).done, false);
});

test('answerProxyHealth() tells whether the proxy takes requests, and whether the cluster answers', async () => {
  let isEnding = false;
  let problem: string | undefined;
  const answer = answerProxyHealth({
    isEnding: () => isEnding,
    clusterProblem: async () => problem,
    metrics: new Metrics(),
  });
  const ask = async (path: string, query = '', method = 'GET') => {
    const { status, body } = await answer(request(path, query, method));
    return `${status} ${Buffer.from(body as Uint8Array).toString()}`;
  };
  assert.equal(await ask('/-/healthz'), '200 ok');
  assert.equal(await ask('/-/readyz'), '200 ok');
  problem = 'connection refused';
  assert.match(await ask('/-/readyz'), /^500 .*\[-\]cluster failed: connection refused/s);
  assert.equal(await ask('/-/readyz', 'exclude=cluster'), '200 ok');
  assert.equal(await ask('/-/healthz'), '200 ok');
  problem = undefined;
  isEnding = true;
  assert.match(await ask('/-/readyz'), /^500 .*\[-\]ending failed: the proxy ends/s);
  assert.match(await ask('/-/metrics'), /^200 /);
  assert.match(await ask('/healthz'), /^404 /);
  assert.match(await ask('/-/metrics/x'), /^404 /);
  assert.match(await ask('/-/healthz', '', 'POST'), /^405 /);
});
