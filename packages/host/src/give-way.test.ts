import { deepEqual, equal } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { giveWay, shareTurns } from './give-way.ts';
import { settle, turnsDuring } from './testing.ts';

/** An event loop whose turns and time the test moves. */
function turns(): {
  readonly giveWay: () => Promise<void> | undefined;
  work: (ms: number) => void;
  next: () => Promise<void>;
} {
  let nowMs = 0;
  let ready: (() => void)[] = [];
  return {
    giveWay: shareTurns({ elapsed: () => nowMs, inNextTurn: (run) => ready.push(run) }).giveWay,
    work: (ms) => (nowMs += ms),
    async next() {
      const due = ready;
      ready = [];
      for (const run of due) {
        run();
        await settle();
      }
    },
  };
}

describe('giveWay', () => {
  it('goes on at once while there is time left in the turn', () => {
    const { giveWay, work } = turns();
    equal(giveWay(), undefined);
    work(9);
    equal(giveWay(), undefined);
  });

  it('lets the turn end when its time is used up', async () => {
    const { giveWay, work, next } = turns();
    void giveWay();
    work(10);
    let isResumed = false;
    void giveWay()?.then(() => (isResumed = true));
    await next();
    equal(isResumed, false, 'the end of the turn has no time left either');
    await next();
    equal(isResumed, true);
    equal(giveWay(), undefined, 'a new turn has its own time');
  });

  it('takes waiting work up in order, as much as there is time for in a turn', async () => {
    const { giveWay, work, next } = turns();
    void giveWay();
    work(10);
    const resumed: string[] = [];
    for (const [name, ms] of Object.entries({ a: 4, b: 6, c: 50, d: 1 })) {
      void giveWay()?.then(() => {
        resumed.push(name);
        work(ms);
      });
    }
    await next();
    deepEqual(resumed, []);
    await next();
    deepEqual(resumed, ['a', 'b']);
    await next();
    deepEqual(resumed, ['a', 'b']);
    await next();
    deepEqual(resumed, ['a', 'b', 'c'], 'what is long has the turn for itself');
    await next();
    await next();
    deepEqual(resumed, ['a', 'b', 'c', 'd']);
  });

  it('keeps the turn after one that was used up for those who have waited', async () => {
    const { giveWay, work, next } = turns();
    void giveWay();
    work(10);
    const resumed: string[] = [];
    void giveWay()?.then(() => resumed.push('waited'));
    await next();
    void giveWay()?.then(() => resumed.push('newcomer'));
    deepEqual(resumed, []);
    await next();
    deepEqual(resumed, ['waited', 'newcomer']);
    equal(giveWay(), undefined, 'there is time left');
  });

  it('counts time from the turn in which it was asked, not from long ago', async () => {
    const { giveWay, work, next } = turns();
    void giveWay();
    await next();
    work(1_000);
    equal(giveWay(), undefined);
  });

  it('gives the real event loop its turn', async () => {
    let isOver = false;
    setImmediate(() => (isOver = true));
    for (let step = 0; !isOver; step++) await giveWay();
    equal(isOver, true);
  });

  it('is over before settle() is, however many turns it takes', async () => {
    let steps = 0;
    await turnsDuring(async () => {
      const work = async (): Promise<void> => {
        for (; steps < 50; steps++) await giveWay();
      };
      void work();
      await settle();
      equal(steps, 50);
    });
  });
});
