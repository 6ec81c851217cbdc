import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { HttpRequest, HttpResponse } from '@fairway/protocol';
import { ConnectionError } from './connection-error.ts';
import { type FailoverOptions, failover } from './failover.ts';
import type { Wire } from './node-transport.ts';

test('failover() sends to the address that has the least to do', async () => {
  const { pool, addresses } = poolOf(3);
  for (const address of addresses) address.answer = () => ({ ...ok, body: endless() });
  const watch = { ...get('/'), query: 'watch=true' };
  await Promise.all(Array.from({ length: 30 }, () => pool.send(watch)));
  assert.deepEqual(
    addresses.map(({ asked }) => asked.length),
    [10, 10, 10],
  );
});

test('failover() goes to the next address when one is away, and leaves that one out', async () => {
  const { pool, addresses } = poolOf(2);
  const [first, second] = addresses;
  if (first !== undefined) first.answer = () => fail({ isUnsent: true });
  for (let i = 0; i < 20; i++) {
    assert.equal((await pool.send({ ...get('/'), method: 'POST' })).status, 200);
  }
  assert.ok((first?.asked.length ?? 0) <= 1);
  assert.equal(second?.asked.length, 20);
});

test('failover() takes an address back when /readyz answers there', async () => {
  const { pool, addresses, clock } = poolOf(2);
  const [first] = addresses;
  assert.ok(first !== undefined);
  first.answer = () => fail({ isUnsent: true });
  for (let i = 0; i < 10; i++) await pool.send(get('/'));
  await clock.advance(5_000);
  assert.ok(first.asked.some(({ path }) => path === '/readyz'));
  first.answer = () => ok;
  await clock.advance(30_000);
  first.asked.length = 0;
  for (let i = 0; i < 20; i++) await pool.send(get('/'));
  assert.ok(first.asked.length > 0, 'it is used again');
});

for (const [method, tries] of [
  ['GET', 2],
  ['HEAD', 2],
  ['OPTIONS', 2],
  ['POST', 1],
  ['PUT', 1],
  ['PATCH', 1],
  ['DELETE', 1],
] as const) {
  test(`failover() sends a ${method} that got no answer ${tries === 1 ? 'once' : 'once more'}`, async () => {
    const { pool, addresses } = poolOf(2);
    for (const address of addresses) address.answer = () => fail({ isUnsent: false });
    await assert.rejects(pool.send({ ...get('/'), method }), ConnectionError);
    assert.equal(addresses.flatMap(({ asked }) => asked).length, tries);
  });
}

test('failover() sends once what would become another protocol, unless it was not sent', async () => {
  const { pool, addresses } = poolOf(2);
  const exec = { ...get('/api/v1/namespaces/a/pods/b/exec'), headers: { upgrade: 'websocket' } };
  for (const address of addresses) address.answer = () => fail({ isUnsent: false });
  await assert.rejects(pool.upgrade(exec), ConnectionError);
  assert.equal(addresses.flatMap(({ asked }) => asked).length, 1);
  for (const address of addresses) address.answer = () => fail({ isUnsent: true });
  await assert.rejects(pool.upgrade(exec), ConnectionError);
  assert.equal(addresses.flatMap(({ asked }) => asked).length, 3);
});

test('failover() leaves a server that says it is not ready, before a request fails', async () => {
  const { pool, addresses, clock } = poolOf(2, { healthCheckMs: 10_000 });
  const [first, second] = addresses;
  assert.ok(first !== undefined && second !== undefined);
  first.answer = ({ path }) => (path === '/readyz' ? { ...ok, status: 500 } : ok);
  await clock.advance(10_000);
  for (const { asked } of addresses) {
    assert.deepEqual([...new Set(asked.map(({ path }) => path))], ['/readyz']);
    asked.splice(0);
  }
  for (let count = 0; count < 20; count++) assert.equal((await pool.send(get('/a'))).status, 200);
  assert.deepEqual([first.asked.length, second.asked.length], [0, 20]);
  first.answer = () => ok;
  await clock.advance(30_000);
  for (let count = 0; count < 40; count++) await pool.send(get('/b'));
  assert.ok(
    first.asked.some(({ path }) => path === '/b'),
    'it is used again',
  );
  await clock.advance(100_000);
  assert.ok(first.asked.filter(({ path }) => path === '/readyz').length >= 10, 'and looked after');
});

test('failover() counts an answer as over that nobody reads', async () => {
  const { pool, addresses } = poolOf(2);
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
  for (const address of addresses) address.answer = () => ({ ...ok, body });
  const answers = await Promise.all(Array.from({ length: 10 }, () => pool.send(get('/'))));
  for (const answer of answers) {
    isLeft = false;
    await (answer.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]().return?.();
    assert.ok(isLeft);
  }
  for (const { asked } of addresses) asked.splice(0);
  await Promise.all(Array.from({ length: 10 }, () => pool.send(get('/'))));
  assert.deepEqual(
    addresses.map(({ asked }) => asked.length),
    [5, 5],
  );
});

test('failover() tries an address that was away when there is no other', async () => {
  const { pool, addresses } = poolOf(2);
  for (const address of addresses) address.answer = () => fail({ isUnsent: true });
  await assert.rejects(pool.send(get('/')), { problem: 'refused' });
  for (const address of addresses) address.answer = () => ok;
  assert.equal((await pool.send(get('/'))).status, 200);
});

test('failover() stops looking after addresses when it is closed', async () => {
  const { pool, addresses, clock } = poolOf(2);
  for (const address of addresses) address.answer = () => fail({ isUnsent: true });
  await assert.rejects(pool.send(get('/')));
  pool.close();
  assert.equal(clock.pending, 0);
  const before = addresses.flatMap(({ asked }) => asked).length;
  await clock.advance(120_000);
  assert.equal(addresses.flatMap(({ asked }) => asked).length, before);
});

interface ScriptedAddress {
  answer: (request: HttpRequest) => HttpResponse;
  readonly asked: HttpRequest[];
}

function poolOf(
  count: number,
  options: Pick<FailoverOptions, 'healthCheckMs'> = {},
): {
  pool: Wire;
  addresses: readonly ScriptedAddress[];
  clock: ManualClock;
} {
  const addresses = Array.from({ length: count }, (): ScriptedAddress => ({
    answer: () => ok,
    asked: [],
  }));
  const wires = addresses.map((address): Wire => ({
    async send(request) {
      address.asked.push(request);
      return address.answer(request);
    },
    async upgrade(request) {
      address.asked.push(request);
      return { kind: 'refused', response: address.answer(request) };
    },
    close() {},
  }));
  const clock = new ManualClock();
  return {
    pool: failover({ wires, clock, random: seededRandom(7), ...options }),
    addresses,
    clock,
  };
}

const ok: HttpResponse = { status: 200, headers: {}, body: undefined };

async function* endless(): AsyncGenerator<Uint8Array> {
  while (true) {
    yield new Uint8Array();
    await new Promise(() => {});
  }
}

function fail({ isUnsent }: { isUnsent: boolean }): never {
  throw new ConnectionError({ problem: 'refused', message: 'nobody there', isUnsent });
}

function get(path: string): HttpRequest {
  const { signal } = new AbortController();
  return { method: 'GET', path, query: '', headers: {}, body: undefined, signal };
}
