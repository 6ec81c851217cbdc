import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { HttpRequest, HttpResponse } from '@fairway/protocol';
import { Metrics } from '@fairway/serving/metrics';
import { noteTargets } from '../observation/request-notes.ts';
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
    upgradeHandler: async () => ({
      kind: 'refused',
      response: { status: 403, headers: {}, body: parts() },
    }),
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

test('SwitchedProxy lets go after the refusal of an upgrade is read', async () => {
  const [old, next] = [lasting('old'), lasting('next')];
  await using proxy = new SwitchedProxy(old.proxy);
  const answer = await proxy.upgradeHandler(request('/'));
  assert.ok(answer.kind === 'refused');
  proxy.switchTo(next.proxy);
  assert.deepEqual(old.closed, []);
  old.end();
  const parts = bodyOf(answer.response);
  while ((await parts.next()).done !== true) assert.deepEqual(old.closed, []);
  assert.deepEqual(old.closed, ['body', 'old']);
});

test('endWatches() ends watches and logs properly', async () => {
  for (const [path, query] of [
    ['/api/v1/pods', 'watch=1'],
    ['/api/v1/watch/pods', ''],
    ['/api/v1/namespaces/shop/pods/web/log', 'follow=true'],
  ] as const) {
    const ending = new AbortController();
    const { proxy, closed } = lasting('watch');
    const ended = endWatches(ending.signal, noteTargets(proxy));
    const parts = bodyOf(await ended.handler(request(path, query)));
    await parts.next();
    const next = parts.next();
    ending.abort();
    assert.equal((await next).done, true, path);
    assert.equal((await parts.next()).done, true);
    const late = bodyOf(await ended.handler(request(path, query)));
    assert.equal((await late.next()).done, true);
    assert.deepEqual(closed, []);
  }
});

test('endWatches() leaves to its end what only looks like a watch', async () => {
  const ofCluster = [
    ['/api/v1/pods', ''],
    ['/api/v1/namespaces/watch/pods', ''],
    ['/api/v1/namespaces/watch/pods', 'limit=500'],
    ['/api/v1/pods', 'follow=1'],
    ['/api/v1/namespaces/shop/services/web/proxy/watch/films', 'follow=1&watch=1'],
  ] as const;
  const ofApplication = [
    ['/watch/films', ''],
    ['/api/v1/watch/pods', 'watch=1&follow=1'],
  ] as const;
  const leftToItsEnd = async (isHosted: boolean, path: string, query: string): Promise<void> => {
    const ending = new AbortController();
    const { proxy, end } = lasting('get');
    const ended = endWatches(ending.signal, isHosted ? proxy : noteTargets(proxy));
    const parts = bodyOf(await ended.handler(request(path, query)));
    await parts.next();
    ending.abort();
    end();
    assert.equal((await parts.next()).done, false, path);
  };
  for (const [path, query] of ofCluster) await leftToItsEnd(false, path, query);
  for (const [path, query] of ofApplication) await leftToItsEnd(true, path, query);
});

test('endWatches() keeps nothing of a watch that has passed, and nothing at all after its end', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const ending = new AbortController();
  const watch = (parts: () => AsyncGenerator<Uint8Array>) => {
    const handler = async (): Promise<HttpResponse> => ({
      status: 200,
      headers: {},
      body: parts(),
    });
    const upgradeHandler = (): never => assert.fail();
    return endWatches(ending.signal, noteTargets({ handler, upgradeHandler })).handler(
      request('/api/v1/pods', 'watch=1'),
    );
  };
  const listeners = (): number => getEventListeners(ending.signal, 'abort').length;
  const reading = bodyOf(
    await watch(async function* () {
      for (let at = 0; at < 3; at += 1) yield new Uint8Array(10);
    }),
  );
  const first = await (async () => new WeakRef((await reading.next()).value as Uint8Array))();
  await reading.next();
  // What a WeakRef has answered stays until the turn is over.
  await new Promise(setImmediate);
  collectGarbage();
  assert.equal(first.deref(), undefined);
  assert.equal(listeners(), 1);
  await reading.next();
  assert.equal((await reading.next()).done, true);
  assert.equal(listeners(), 0);
  const failing = bodyOf(
    await watch(async function* () {
      yield new Uint8Array(1);
      throw new Error('cut');
    }),
  );
  await failing.next();
  await assert.rejects(failing.next(), /cut/);
  assert.equal(listeners(), 0);
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
