import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type LogFields, type Logger, silentLogger } from '@fairway/host';
import { ManualClock, seededRandom, settle, turnsDuring } from '@fairway/host/testing';
import {
  ApiError,
  type EndingBody,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  type UpgradeHandler,
  apiError,
} from '@fairway/protocol';
import { acceptUpgrade } from '@fairway/protocol/streams';
import { compress } from './compress.ts';
import { enforceDeadline, enforceUpgradeDeadline } from './enforce-deadline.ts';
import { limitBody } from './limit-body.ts';
import { limitInFlight } from './limit-in-flight.ts';
import { reportErrors } from './report-errors.ts';
import { traceRequests } from './trace-requests.ts';
import { waitForTurn } from './wait-for-turn.ts';

function requestOf(changes: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    path: '/api',
    query: '',
    headers: {},
    body: undefined,
    signal: new AbortController().signal,
    ...changes,
  };
}

function logs(): { logger: Logger; entries: [message: string, fields: LogFields | undefined][] } {
  const entries: [string, LogFields | undefined][] = [];
  const add = (message: string, fields?: LogFields): void => void entries.push([message, fields]);
  return { entries, logger: { ...silentLogger, info: add, warn: add, error: add } };
}

const ok: HttpResponse = { status: 200, headers: {}, body: undefined };

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

function bodyText({ body }: HttpResponse): string {
  assert.ok(body instanceof Uint8Array);
  return Buffer.from(body).toString();
}

function throwing(error: unknown): Handler {
  return async () => {
    throw error;
  };
}

function codeIs(code: number): (error: unknown) => boolean {
  return (error) => error instanceof ApiError && error.code === code;
}

test('reportErrors() sends the Status of an ApiError, with Retry-After', async () => {
  const error = apiError('TooManyRequests', 'later', { retryAfterSeconds: 3 });
  const response = await reportErrors({ logger: silentLogger }, throwing(error))(requestOf());
  assert.equal(response.status, 429);
  assert.equal(response.headers['retry-after'], '3');
  assert.equal(response.headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(bodyText(response)), error.status);
});

test('reportErrors() tells the caller an id and the log the rest', async () => {
  const { logger, entries } = logs();
  const error = new Error('password is hunter2');
  const headers = { 'audit-id': 'id-1' };
  const response = await reportErrors({ logger }, throwing(error))(requestOf({ headers }));
  assert.equal(response.status, 500);
  assert.match(bodyText(response), /"reason":"InternalError".*id-1/);
  assert.doesNotMatch(bodyText(response), /hunter2|filters/);
  assert.deepEqual(
    entries.map(([, fields]) => [fields?.['requestId'], fields?.['error']]),
    [['id-1', error]],
  );
});

test('reportErrors() does not log what failed because the caller left', async () => {
  const { logger, entries } = logs();
  const signal = AbortSignal.abort();
  await reportErrors({ logger }, throwing(signal.reason))(requestOf({ signal }));
  assert.deepEqual(entries, []);
});

test('traceRequests() logs one line and names the request, keeping a usable id', async () => {
  const { logger, entries } = logs();
  const clock = new ManualClock();
  const inner: HttpRequest[] = [];
  const handler = traceRequests({ logger, clock, random: seededRandom(1) }, async (request) => {
    inner.push(request);
    await clock.advance(5);
    return ok;
  });
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const kept = await handler(requestOf({ headers: { 'audit-id': 'mine', traceparent } }));
  assert.equal(kept.headers['audit-id'], 'mine');
  assert.equal(inner[0]?.headers['traceparent'], traceparent);
  const made = await handler(requestOf({ headers: { 'audit-id': 'a\r\nb' } }));
  assert.match(String(made.headers['audit-id']), /^[\da-f-]{36}$/);
  assert.equal(inner[1]?.headers['audit-id'], made.headers['audit-id']);
  assert.equal(entries.length, 2);
  const { elapsedMs, status, traceId } = entries[0]?.[1] ?? {};
  assert.deepEqual([elapsedMs, status, traceId], [5, 200, 'a'.repeat(32)]);
});

test('enforceDeadline() leaves no listener on a signal that its callers share', async () => {
  const clock = new ManualClock();
  const { signal } = new AbortController();
  const listeners = (): number => getEventListeners(signal, 'abort').length;
  const handlerOf = (next: Handler): Handler =>
    enforceDeadline({ clock, isLongRunning: () => false }, next);
  const streaming = handlerOf(async () => ({ ...ok, body: chunks('a', 'b') }));
  await handlerOf(async () => ok)(requestOf({ signal }));
  await assert.rejects(handlerOf(throwing(new Error('no')))(requestOf({ signal })));
  assert.equal(listeners(), 0);
  const read = await streaming(requestOf({ signal }));
  const left = await streaming(requestOf({ signal }));
  assert.equal(listeners(), 2, 'whoever feeds a stream still hears that its caller has gone');
  for await (const _ of read.body as AsyncIterable<Uint8Array>);
  await (left.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]().return?.();
  assert.equal(listeners(), 0);
  const hanging = handlerOf(() => new Promise(() => {}))(requestOf({ signal }));
  const late = assert.rejects(hanging, codeIs(504));
  await clock.advance(60_000);
  await late;
  assert.equal(listeners(), 0);
  assert.equal(clock.pending, 0);
});

test('enforceUpgradeDeadline() bounds the answer, and lets the stream go on with its caller', async () => {
  const clock = new ManualClock();
  const caller = new AbortController();
  const { signal } = caller;
  const listeners = (): number => getEventListeners(signal, 'abort').length;
  const seen: AbortSignal[] = [];
  const accepted = (): UpgradeAnswer =>
    acceptUpgrade({ upgrade: 'x' }, () => new Promise(() => {}));
  const filter = (next: UpgradeHandler): UpgradeHandler =>
    enforceUpgradeDeadline({ clock }, (request) => {
      seen.push(request.signal);
      return next(request);
    });
  const answer = await filter(async () => accepted())(requestOf({ signal }));
  assert.ok(answer.kind === 'accepted');
  await clock.advance(120_000);
  assert.deepEqual([seen[0]?.aborted, listeners()], [false, 1]);
  answer.stream.destroy();
  await answer.stream.closed;
  assert.equal(listeners(), 0);
  const refused = await filter(async () => ({ kind: 'refused', response: ok }))(
    requestOf({ signal }),
  );
  assert.deepEqual([refused.kind, listeners(), clock.pending], ['refused', 0, 0]);

  const { promise: late, resolve } = Promise.withResolvers<UpgradeAnswer>();
  const timedOut = assert.rejects(filter(() => late)(requestOf({ signal })), codeIs(504));
  await clock.advance(60_000);
  await timedOut;
  assert.deepEqual([seen.at(-1)?.aborted, listeners()], [true, 0]);
  const tooLate = accepted();
  assert.ok(tooLate.kind === 'accepted');
  resolve(tooLate);
  await tooLate.stream.closed;
});

test('enforceDeadline() answers 504 and aborts the work; long requests go on', async () => {
  const clock = new ManualClock();
  const signals: AbortSignal[] = [];
  const isLongRunning = ({ query }: HttpRequest): boolean => query === 'watch=true';
  const handler = enforceDeadline({ clock, isLongRunning }, async ({ signal }) => {
    signals.push(signal);
    return await new Promise<HttpResponse>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  });
  const late = assert.rejects(handler(requestOf()), codeIs(504));
  const watching = handler(requestOf({ query: 'watch=true' }));
  watching.catch(() => {});
  await clock.advance(60_000);
  await late;
  assert.deepEqual(
    signals.map((signal) => signal.aborted),
    [true, false],
  );
  assert.equal(clock.pending, 0);
});

test('enforceDeadline() ends an answer that is passed on, and leaves all others to their readers', async () => {
  const clock = new ManualClock();
  const aborted = new Map<string, boolean>();
  const handler = enforceDeadline(
    {
      clock,
      isLongRunning: ({ query }) => query === 'watch=true',
      isPassedOn: ({ path }) => path === '/passed-on',
    },
    async ({ path, query, signal }) => {
      signal.addEventListener('abort', () => aborted.set(`${path}?${query}`, true));
      return { ...ok, body: chunks('a') };
    },
  );
  await handler(requestOf());
  await handler(requestOf({ path: '/passed-on' }));
  await handler(requestOf({ path: '/passed-on', query: 'watch=true' }));
  const whole = await handler(requestOf({ path: '/passed-on', query: 'limit=1' }));
  for await (const _ of whole.body as AsyncIterable<Uint8Array>);
  assert.equal(clock.pending, 1);
  await clock.advance(60_000);
  assert.deepEqual([...aborted.keys()], ['/passed-on?']);
});

test('enforceDeadline() lets go of an answer that comes too late', async () => {
  const clock = new ManualClock();
  const { promise: late, resolve } = Promise.withResolvers<HttpResponse>();
  const handler = enforceDeadline({ clock, isLongRunning: () => false }, () => late);
  const refused = assert.rejects(handler(requestOf()), codeIs(504));
  await clock.advance(60_000);
  await refused;
  let isLeft = false;
  const body = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => {}),
      return: async () => {
        isLeft = true;
        return { done: true, value: undefined } as const;
      },
    }),
  };
  resolve({ ...ok, body });
  await settle();
  assert.equal(isLeft, true);
});

test('enforceDeadline() passes on that the caller left, and leaves no timer', async () => {
  const clock = new ManualClock();
  const caller = new AbortController();
  const handler = enforceDeadline({ clock, isLongRunning: () => false }, async ({ signal }) => {
    caller.abort();
    assert.equal(signal.aborted, true);
    return ok;
  });
  assert.equal(await handler(requestOf({ signal: caller.signal })), ok);
  assert.equal(clock.pending, 0);
});

test('limitInFlight() counts until the body ended, however it ends', async () => {
  const keyOf = ({ path }: HttpRequest): string | undefined =>
    path === '/free' ? undefined : (path.split('/')[2] ?? '');
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a');
  }
  const handler = limitInFlight({ what: 'things', requestsMax: 1, keyOf }, async ({ path }) => {
    if (path === '/throw') throw apiError('BadRequest', 'no');
    return { ...ok, body: body() };
  });
  let other = 0;
  const iterate = async (leaveEarly: boolean): Promise<void> => {
    const response = await handler(requestOf());
    assert.ok(response.body !== undefined && !(response.body instanceof Uint8Array));
    await assert.rejects(handler(requestOf()), codeIs(429));
    await handler(requestOf({ path: '/free' }));
    await handler(requestOf({ path: `/of/${other++}` }));
    const iterator = response.body[Symbol.asyncIterator]();
    if (leaveEarly) await iterator.return?.();
    else while ((await iterator.next()).done !== true);
  };
  await iterate(true);
  await iterate(false);
  await assert.rejects(handler(requestOf({ path: '/throw' })), codeIs(400));
  await iterate(false);
});

test('limitInFlight() believes a body that tells its end, and does not read along', async () => {
  const runs: (() => void)[] = [];
  const body: EndingBody = {
    whenEnded: (run) => void runs.push(run),
    [Symbol.asyncIterator]: () => assert.fail('read along'),
  };
  const options = { what: 'things', requestsMax: 1, keyOf: () => 'all' };
  const handler = limitInFlight(options, async () => ({ ...ok, body }));
  assert.equal((await handler(requestOf())).body, body);
  await assert.rejects(handler(requestOf()), codeIs(429));
  for (const run of runs) run();
  assert.equal((await handler(requestOf())).body, body);
});

test('compress() compresses large bodies for those who accept it', async () => {
  const body = Buffer.alloc(128 * 1024, 'abc');
  const handler = compress({}, async ({ path }) => ({
    ...ok,
    headers: { 'content-length': String(body.length) },
    body: path === '/small' ? body.subarray(1) : body,
  }));
  const ask = (accept: string, path = '/') =>
    handler(requestOf({ path, headers: { 'accept-encoding': accept } }));
  const small = await ask('gzip', '/small');
  assert.equal(small.headers['content-encoding'], undefined);
  for (const accept of ['gzip', 'br, gzip;q=0.5', '*']) {
    const response = await ask(accept);
    assert.ok(response.body instanceof Uint8Array);
    assert.equal(response.headers['content-encoding'], 'gzip');
    assert.equal(response.headers['content-length'], undefined);
    assert.deepEqual(gunzipSync(response.body), body);
  }
  for (const accept of ['', 'identity', 'gzip;q=0', '*;q=0.0, br']) {
    const response = await ask(accept);
    assert.equal(response.body, body, accept);
    assert.equal(response.headers['vary'], 'Accept-Encoding');
  }
});

const away = { address: '192.0.2.7' };

test('compress() compresses streams for callers on other machines', async () => {
  const parts = ['abc'.repeat(50_000), 'def'.repeat(50_000)];
  const handler = compress({ isLongRunning: ({ path }) => path === '/watch' }, async () => ({
    ...ok,
    body: chunks(...parts),
  }));
  const headers = { 'accept-encoding': 'gzip' };
  const { headers: told, body } = await handler(requestOf({ headers, peer: away }));
  assert.equal(told['content-encoding'], 'gzip');
  assert.equal(told['vary'], 'Accept-Encoding');
  const received: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) received.push(chunk);
  assert.equal(gunzipSync(Buffer.concat(received)).toString(), parts.join(''));
  for (const plain of [
    { headers },
    { headers, peer: { address: '127.0.0.1' } },
    { headers, peer: { address: '::ffff:127.0.0.1' } },
    { headers, peer: { address: '::1' } },
    { headers: {}, peer: away },
    { headers, peer: away, path: '/watch' },
    { headers, peer: away, method: 'HEAD' },
  ]) {
    const answer = await handler(requestOf(plain));
    assert.equal(answer.headers['content-encoding'], undefined, JSON.stringify(plain));
  }
});

test('compress() lets go of a stream that its reader leaves, and passes on its failure', async () => {
  let isLeft = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      while (true) yield randomBytes(100_000);
    } finally {
      isLeft = true;
    }
  }
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('abc');
    throw new Error('the store is gone');
  }
  const read = async (body: AsyncGenerator<Uint8Array>): Promise<void> => {
    const handler = compress({}, async () => ({ ...ok, body }));
    const headers = { 'accept-encoding': 'gzip' };
    const answer = await handler(requestOf({ headers, peer: away }));
    let left = 3;
    for await (const _ of answer.body as AsyncIterable<Uint8Array>) if (--left === 0) break;
  };
  await read(endless());
  await settle();
  assert.equal(isLeft, true);
  await assert.rejects(read(failing()), /the store is gone/);
});

test('enforceDeadline() answers sooner when the caller asks for that, and never later', async () => {
  const clock = new ManualClock();
  const handler = enforceDeadline(
    { clock, isLongRunning: ({ path }) => path === '/watch' },
    () => new Promise<HttpResponse>(() => {}),
  );
  for (const [query, seconds] of [
    ['timeout=2s', 2],
    ['limit=1&timeout=1m30s', 60],
    ['timeout=0', 60],
    ['timeout=', 60],
    ['fieldtimeout=1s', 60],
  ] as const) {
    let isOver = false;
    const answer = assert.rejects(handler(requestOf({ query })), codeIs(504));
    void answer.finally(() => (isOver = true));
    await clock.advance(seconds * 1_000 - 1);
    assert.equal(isOver, false, query);
    await clock.advance(1);
    await answer;
  }
  await assert.rejects(handler(requestOf({ query: 'timeout=soon' })), {
    code: 400,
    message: 'invalid timeout specified in the request URL - time: invalid duration "soon"',
  });
});

test('waitForTurn() parts requests that come at once, when their turn is used up', async () => {
  const waiting = waitForTurn(async () => ok);
  const turnCount = await turnsDuring(() =>
    Promise.all(Array.from({ length: 20 }, () => waiting(requestOf()))),
  );
  assert.ok(turnCount >= 20, `${turnCount} turns`);
});

test('limitBody() refuses a body that is announced too long before anything is read', async () => {
  let isRead = false;
  async function* body(): AsyncGenerator<Uint8Array> {
    isRead = true;
    yield Buffer.from('1234');
  }
  const limited = limitBody({ bodyBytesMax: 4 }, async () => ok);
  const announcing = (bytes: string): Promise<HttpResponse> =>
    limited(requestOf({ body: body(), headers: { 'content-length': bytes } }));
  assert.equal(await announcing('4'), ok);
  await assert.rejects(announcing('5'), codeIs(413));
  assert.equal(await limited(requestOf({ body: Buffer.from('1234') })), ok);
  await assert.rejects(limited(requestOf({ body: Buffer.from('12345') })), codeIs(413));
  assert.equal(isRead, false);
});

test('limitBody() refuses a streamed body as soon as it is too long', async () => {
  const limited = limitBody({ bodyBytesMax: 4 }, async ({ body }) => {
    for await (const _ of body as AsyncIterable<Uint8Array>);
    return ok;
  });
  assert.equal(await limited(requestOf({ body: chunks('12', '34') })), ok);
  await assert.rejects(limited(requestOf({ body: chunks('12', '345') })), codeIs(413));
});
