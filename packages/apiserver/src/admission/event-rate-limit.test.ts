import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { ApiError } from '@fairway/protocol';
import { type EventLimit, eventRateLimit } from './event-rate-limit.ts';

interface Written {
  readonly namespace?: string;
  readonly username?: string;
  readonly name?: string;
}

function start(limit: Partial<EventLimit>) {
  const clock = new ManualClock();
  const whole = { type: 'Namespace', qps: 2, burst: 3, cacheSize: 2, ...limit } as const;
  const plugin = eventRateLimit(clock, [whole]);
  /** How many of so many events are taken, and why the last one was not. */
  const write = async (
    count: number,
    { namespace = 'n', username = 'u', name = 'o' }: Written = {},
  ) => {
    let taken = 0;
    let why: string | undefined;
    for (let at = 0; at < count; at++) {
      const object = { source: { component: 'c' }, involvedObject: { kind: 'Pod', name } };
      const request = { namespace, user: { username, groups: [] }, object };
      try {
        await plugin.validate?.(request as never);
        taken++;
      } catch (error) {
        assert.ok(error instanceof ApiError && error.code === 429);
        why = error.message;
      }
    }
    return { taken, why };
  };
  return { clock, write };
}

test('eventRateLimit() takes a burst, then so many a second', async () => {
  const { clock, write } = start({});
  const why = 'Too many requests: limit reached on type Namespace for key n';
  assert.deepEqual(await write(5), { taken: 3, why });
  assert.deepEqual(await write(1, { namespace: 'other' }), { taken: 1, why: undefined });
  await clock.advance(500);
  assert.equal((await write(3)).taken, 1);
  await clock.advance(60_000);
  assert.equal((await write(9)).taken, 3, 'what is not used is not saved up');
});

test('eventRateLimit() counts by server, user, or source and object', async () => {
  const server = start({ type: 'Server' });
  assert.equal((await server.write(3)).taken, 3);
  const other = { namespace: 'other', username: 'other', name: 'other' };
  assert.equal((await server.write(1, other)).taken, 0);
  const user = start({ type: 'User' });
  assert.equal((await user.write(4)).taken, 3);
  assert.equal((await user.write(1, { username: 'other' })).taken, 1);
  const object = start({ type: 'SourceAndObject' });
  assert.match((await object.write(4)).why ?? '', /for key cPodo$/);
  assert.equal((await object.write(1, { name: 'other' })).taken, 1);
});

test('eventRateLimit() remembers as many as it is told to', async () => {
  const { write } = start({ cacheSize: 1 });
  assert.equal((await write(3)).taken, 3);
  assert.equal((await write(1, { namespace: 'other' })).taken, 1);
  assert.equal((await write(3)).taken, 3, 'the first is forgotten');
});
