import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, settle } from '@fairway/host/testing';
import type { Handler, HttpRequest, HttpResponse } from '@fairway/protocol';
import { type Fault, withFaults } from './fault-plan.ts';

const lines: Handler = async () => ({ status: 200, headers: {}, body: send(['a\nb\n', 'c\nd\n']) });

test('withFaults() lets faults happen in order, as often as they say, and then all through', async () => {
  const { handler, remaining } = withFaults(lines, {
    faults: [
      { kind: 'refuse', code: 429, times: 2, retryAfterSeconds: 3 },
      { kind: 'unreachable' },
    ],
    clock: new ManualClock(),
  });
  const first = await handler(request());
  assert.deepEqual([first.status, first.headers['retry-after']], [429, '3']);
  assert.equal((await handler(request({ method: 'POST' }))).status, 200);
  assert.equal((await handler(request())).status, 429);
  await assert.rejects(handler(request()), { problem: 'refused' });
  assert.equal(remaining(), 0);
  assert.equal(await read(await handler(request())), 'a\nb\nc\nd\n');
});

test('withFaults() cuts a stream after so many lines, within a chunk and between two', async () => {
  const cases: readonly [Fault, string, string?][] = [
    [{ kind: 'cut', afterEvents: 0, how: 'end' }, ''],
    [{ kind: 'cut', afterEvents: 1, how: 'end' }, 'a\n'],
    [{ kind: 'cut', afterEvents: 2, how: 'reset' }, 'a\nb\n', 'reset'],
    [{ kind: 'cut', afterEvents: 2, how: 'mid-frame' }, 'a\nb\nc\nd\n', 'reset'],
    [{ kind: 'cut', afterEvents: 9, how: 'end' }, 'a\nb\nc\nd\n'],
  ];
  for (const [fault, text, problem] of cases) {
    const { handler } = withFaults(lines, { faults: [fault], clock: new ManualClock() });
    const seen: string[] = [];
    const reading = read(await handler(request()), seen);
    if (problem === undefined) await reading;
    else await assert.rejects(reading, { problem });
    assert.equal(seen.join(''), text, JSON.stringify(fault));
  }
});

test('withFaults() loses the answer of a request that was carried out', async () => {
  let carriedOut = 0;
  const counting: Handler = async (each) => {
    carriedOut++;
    return lines(each);
  };
  const faults: readonly Fault[] = [{ kind: 'lose-answer' }];
  const { handler } = withFaults(counting, { faults, clock: new ManualClock() });
  await assert.rejects(handler(request()), { problem: 'reset', isUnsent: false });
  assert.equal(carriedOut, 1);
});

test('withFaults() ends a watch with an event that says why', async () => {
  const fault: Fault = { kind: 'error-event', afterEvents: 1, code: 410 };
  const { handler } = withFaults(lines, { faults: [fault], clock: new ManualClock() });
  const [first, error] = (await read(await handler(request()))).split('\n');
  assert.equal(first, 'a');
  const { type, object } = JSON.parse(error ?? '') as { type: string; object: { reason: string } };
  assert.deepEqual([type, object.reason], ['ERROR', 'Expired']);
});

test('withFaults() leaves half-open streams and swallowed requests to their signal', async () => {
  const faults: Fault[] = [{ kind: 'cut', afterEvents: 1, how: 'half-open' }, { kind: 'swallow' }];
  const { handler } = withFaults(lines, { faults, clock: new ManualClock() });
  const leaving = new AbortController();
  const seen: string[] = [];
  let isOver = false;
  const reading = read(await handler(request({ signal: leaving.signal })), seen);
  void reading.then(() => (isOver = true));
  await settle();
  assert.deepEqual([seen, isOver], [['a\n'], false]);
  const swallowed = assert.rejects(handler(request({ signal: leaving.signal })), /left/);
  leaving.abort(new Error('left'));
  await Promise.all([reading, swallowed]);
});

function request(parts: Partial<HttpRequest> = {}): HttpRequest {
  const { signal } = new AbortController();
  return { method: 'GET', path: '/x', query: '', headers: {}, body: undefined, signal, ...parts };
}

async function* send(chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function read({ body }: HttpResponse, seen: string[] = []): Promise<string> {
  assert.ok(body !== undefined && !(body instanceof Uint8Array));
  for await (const chunk of body) seen.push(Buffer.from(chunk).toString());
  return seen.join('');
}
