import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock, settle } from '@fairway/host/testing';
import type { WatchBatch } from '@fairway/store';
import { type Changes, WatchBody, type WatchScript } from './watch-body.ts';

/** A watch whose changes come when the test says so. */
function watch(script: Partial<WatchScript> = {}) {
  const clock = new ManualClock();
  const arrivals: PromiseWithResolvers<IteratorResult<WatchBatch>>[] = [];
  const seen = { released: 0, returned: 0, arrivals };
  const changes: Changes = {
    after: 1,
    batches: {
      next() {
        const arrival = Promise.withResolvers<IteratorResult<WatchBatch>>();
        arrivals.push(arrival);
        return arrival.promise;
      },
      async return() {
        seen.returned++;
        return { done: true, value: undefined };
      },
    },
  };
  const body = new WatchBody({
    async *begin() {
      yield Buffer.from('first');
      return changes;
    },
    framesOf: ({ revision, events }) =>
      events.length === 0 ? undefined : Buffer.from(`event ${revision}`),
    bookmarks: { at: (revision) => Buffer.from(`at ${revision}`), clock, intervalMs: 60_000 },
    last: async (reached, error) => Buffer.from(`last ${reached} ${String(error)}`),
    release: () => void seen.released++,
    ...script,
  });
  const read = async (): Promise<string> => {
    const { done, value } = await body.next();
    return done === true ? 'END' : Buffer.from(value).toString();
  };
  return { body, clock, seen, read };
}

function batch(revision: number, events = 1): IteratorResult<WatchBatch> {
  const event = { kind: 'put', revision } as WatchBatch['events'][number];
  return { done: false, value: { revision, events: Array.from({ length: events }, () => event) } };
}

describe('WatchBody', () => {
  test('sends what is there, then changes, then how it ended, and lets go once', async () => {
    const { body, read, seen } = watch();
    let ends = 0;
    body.whenEnded(() => ends++);
    assert.equal(await read(), 'first');
    const next = read();
    await settle();
    seen.arrivals[0]?.resolve(batch(5));
    assert.equal(await next, 'event 5');
    const last = read();
    await settle();
    seen.arrivals[1]?.resolve({ done: true, value: undefined });
    assert.equal(await last, 'last 5 undefined');
    assert.equal(await read(), 'END');
    assert.deepEqual([ends, seen.released], [1, 1]);
    body.whenEnded(() => ends++);
    assert.equal(ends, 2);
  });

  test('passes over batches with nothing in them for it, and remembers how far they go', async () => {
    const { read, seen, clock } = watch();
    await read();
    const next = read();
    for (const revision of [5, 6, 7]) {
      await settle();
      seen.arrivals.at(-1)?.resolve(batch(revision, 0));
    }
    await settle();
    await clock.advance(60_000);
    assert.equal(await next, 'at 7');
  });

  test('a bookmark comes while a change is awaited, and takes nothing of it', async () => {
    const { read, seen, clock } = watch();
    await read();
    const bookmark = read();
    await settle();
    await clock.advance(60_000);
    assert.equal(await bookmark, 'at 1');
    seen.arrivals[0]?.resolve(batch(5));
    await settle();
    // One for two intervals, and not before the change that it would skip.
    await clock.advance(120_000);
    assert.equal(await read(), 'event 5');
    assert.equal(await read(), 'at 5');
    assert.equal(seen.arrivals.length, 1);
  });

  test('its last words wait for their reader', async () => {
    const { read, seen, clock } = watch();
    await read();
    const bookmark = read();
    await settle();
    await clock.advance(60_000);
    await bookmark;
    seen.arrivals[0]?.reject(new Error('broken'));
    await settle();
    assert.equal(seen.released, 0);
    assert.equal(await read(), 'last 1 Error: broken');
    assert.deepEqual([await read(), seen.released], ['END', 1]);
  });

  test('ends with an error that its beginning or its frames threw', async () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    const beginning = watch({
      async *begin() {
        yield broken();
        return broken();
      },
    });
    assert.equal(await beginning.read(), 'last 0 Error: broken');
    const frames = watch({ framesOf: broken });
    await frames.read();
    const next = frames.read();
    await settle();
    frames.seen.arrivals[0]?.resolve(batch(5));
    assert.equal(await next, 'last 1 Error: broken');
    assert.deepEqual([frames.seen.returned, frames.seen.released], [1, 1]);
  });

  test('whoever leaves frees all at once, also before the first step and in the middle of one', async () => {
    const unread = watch();
    await unread.body.return();
    assert.deepEqual([await unread.read(), unread.seen.released], ['END', 1]);
    const { body, read, seen, clock } = watch();
    await read();
    const next = read();
    await settle();
    let ends = 0;
    body.whenEnded(() => ends++);
    await body.return();
    assert.equal(await next, 'END');
    assert.deepEqual([ends, seen.released, seen.returned], [1, 1, 1]);
    assert.equal(clock.pending, 0);
  });
});
