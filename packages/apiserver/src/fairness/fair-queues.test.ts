import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import { FairQueues } from './fair-queues.ts';
import type { Turn } from './request-queue.ts';

const queuing = { queues: 64, handSize: 6, queueLengthMax: 50 };

interface Asked {
  readonly seats?: number;
  readonly signal?: AbortSignal;
}

/** A level, and short ways to ask it. */
function openLevel(options: ConstructorParameters<typeof FairQueues>[1]) {
  const clock = new ManualClock();
  const queues = new FairQueues(clock, options);
  const enter = (distinguisher: string, asked: Asked = {}): Turn | Promise<Turn> =>
    queues.enter({
      schemaName: 'schema',
      distinguisher,
      seats: 1,
      signal: new AbortController().signal,
      waitMsMax: 15_000,
      ...asked,
    });
  return { clock, queues, enter };
}

async function runs(turn: Turn | Promise<Turn>): Promise<() => void> {
  const decided = await turn;
  assert.equal(decided.kind, 'runs');
  return (decided as Turn & { kind: 'runs' }).leave;
}

const refusedBecause = (because: string) => ({ kind: 'refused', because });

test('a level runs as many seats as it has, and the next one when one is free', async () => {
  const { queues, enter } = openLevel({ seats: 3, queuing });
  const leave = await runs(enter('a', { seats: 2 }));
  await runs(enter('b'));
  const third = enter('c');
  assert.ok(third instanceof Promise);
  assert.deepEqual([queues.running, queues.waiting, queues.seatsInUse], [2, 1, 3]);
  leave();
  await runs(third);
  assert.deepEqual([queues.running, queues.waiting, queues.seatsInUse], [2, 0, 2]);
});

test('a request is seen while it waits and runs, with both its times, and not after', async () => {
  const { clock, queues, enter } = openLevel({ seats: 1, queuing });
  const seen = () => {
    const { waiting, running } = queues.state.queues.find(
      (each) => each.waiting.length + each.running.length > 0,
    ) ?? { waiting: [], running: [] };
    return { waiting, running };
  };
  const startMs = clock.now();
  const leave = await runs(enter('a'));
  await clock.advance(10);
  const later = enter('a', { seats: 1 });
  await clock.advance(20);
  leave();
  const leaveLater = await runs(later);
  const { waiting, running } = seen();
  assert.deepEqual(waiting, []);
  assert.deepEqual(
    running.map(({ arrivedMs, startedMs = 0 }) => [arrivedMs - startMs, startedMs - startMs]),
    [[10, 30]],
  );
  leaveLater();
  assert.deepEqual(seen(), { waiting: [], running: [] });
  const { unqueued } = queues.state;
  assert.deepEqual([unqueued.waiting, unqueued.running], [[], []]);
});

test('to leave twice frees the seats once', async () => {
  const { queues, enter } = openLevel({ seats: 3, queuing });
  const leave = await runs(enter('a'));
  await runs(enter('a'));
  leave();
  leave();
  assert.equal(queues.seatsInUse, 1);
});

test('what is wider than the whole level runs alone in it', async () => {
  const { queues, enter } = openLevel({ seats: 2, queuing });
  const leaveSmall = await runs(enter('a'));
  const wide = enter('b', { seats: 5 });
  leaveSmall();
  const leaveWide = await runs(wide);
  const after = enter('a');
  assert.equal(queues.waiting, 1);
  leaveWide();
  await runs(after);
});

test('what is wide is not overtaken for ever by what is narrow', async () => {
  const { clock, enter } = openLevel({ seats: 4, queuing });
  const running: (() => void)[] = [];
  let narrow = 0;
  const ask = (): void =>
    void runs(enter(`narrow ${narrow % 8}`)).then((leave) => {
      narrow++;
      running.push(leave);
    });
  for (let at = 0; at < 40; at++) ask();
  await settle();
  const before = narrow;
  let overtaken = Infinity;
  void runs(enter('wide', { seats: 4 })).then(() => (overtaken = narrow - before));
  for (let round = 0; round < 40 && overtaken === Infinity; round++) {
    await clock.advance(10);
    running.shift()?.();
    ask();
    await settle();
  }
  assert.ok(overtaken <= 12, `${overtaken} went before`);
});

test('without queues, a request for which there are no seats is refused', async () => {
  const { enter } = openLevel({ seats: 1 });
  const leave = await runs(enter('a'));
  assert.deepEqual(await enter('b'), refusedBecause('concurrency-limit'));
  leave();
  await runs(enter('b'));
});

test('a flow fills its hand of queues and no more', async () => {
  const { queues, enter } = openLevel({
    seats: 1,
    queuing: { queues: 64, handSize: 4, queueLengthMax: 10 },
  });
  await runs(enter('flood'));
  const waiting = Array.from({ length: 40 }, () => enter('flood'));
  assert.equal(queues.waiting, 40);
  assert.deepEqual(await enter('flood'), refusedBecause('queue-full'));
  assert.ok(enter('other') instanceof Promise);
  assert.ok(waiting.every((turn) => turn instanceof Promise));
});

test('who waits too long is refused, and so is whose caller goes', async () => {
  const { clock, queues, enter } = openLevel({ seats: 1, queuing });
  await runs(enter('a'));
  const leaving = new AbortController();
  const late = enter('b');
  const left = enter('c', { signal: leaving.signal });
  leaving.abort();
  assert.deepEqual(await left, refusedBecause('cancelled'));
  await clock.advance(14_999);
  assert.equal(queues.waiting, 1);
  await clock.advance(1);
  assert.deepEqual(await late, refusedBecause('time-out'));
  assert.deepEqual([queues.waiting, clock.pending], [0, 0]);
  assert.deepEqual(await enter('d', { signal: AbortSignal.abort() }), refusedBecause('cancelled'));
});

test('a flow that floods delays another one by what runs already, whatever has gathered', async () => {
  const random = seededRandom(11);
  const { clock, queues, enter } = openLevel({ seats: 4, queuing });
  const running: (() => void)[] = [];
  const flood = (): void =>
    void Promise.resolve(enter('flood')).then((turn) => {
      if (turn.kind === 'runs') running.push(turn.leave);
    });
  const waits: number[] = [];
  let round = 0;
  for (; round < 400; round++) {
    // Ten times what the level can do.
    for (let at = 0; at < 10; at++) flood();
    if (round % 20 === 10) {
      const cameAt = round;
      void runs(enter(`quiet ${round % 3}`)).then((leave) => {
        waits.push(round - cameAt);
        running.push(leave);
      });
    }
    await settle();
    await clock.advance(10);
    // One of those that run is over in each round.
    running.splice(Math.floor(random.fraction() * running.length), 1)[0]?.();
    await settle();
  }
  assert.ok(queues.waiting >= 290, `${queues.waiting} wait`);
  assert.equal(waits.length, 20);
  assert.ok(Math.max(...waits) <= 2, `rounds that the others waited: ${waits.join(' ')}`);
});

test('flows that ask for much get about as much as each other, whether their requests are wide or narrow', async () => {
  const { clock, enter } = openLevel({ seats: 12, queuing });
  const used = new Map<string, number>();
  const running: (() => void)[] = [];
  const ask = (flow: string, seats: number): void =>
    void Promise.resolve(enter(flow, { seats })).then((turn) => {
      if (turn.kind !== 'runs') return;
      used.set(flow, (used.get(flow) ?? 0) + seats);
      running.push(() => (turn.leave(), ask(flow, seats)));
    });
  for (let at = 0; at < 30; at++) {
    ask('narrow', 1);
    ask('wide', 3);
  }
  for (let round = 0; round < 300; round++) {
    await clock.advance(10);
    for (const leave of running.splice(0)) leave();
    await settle();
  }
  const [narrow = 0, wide = 0] = [used.get('narrow'), used.get('wide')];
  assert.ok(Math.abs(narrow - wide) / (narrow + wide) < 0.2, `narrow ${narrow}, wide ${wide}`);
});

test('more seats and more queues are used at once; with fewer, who waits is served', async () => {
  const { queues, enter } = openLevel({ seats: 1, queuing });
  const leave = await runs(enter('a'));
  const turns = ['b', 'c', 'd'].map((flow) => enter(flow));
  queues.setSeats(2);
  const decided = await Promise.race(turns.map(runs));
  queues.setQueuing({ queues: 1, handSize: 1, queueLengthMax: 1 });
  queues.setSeats(1);
  assert.equal(queues.running, 2);
  leave();
  decided();
  assert.deepEqual([queues.running, queues.waiting], [1, 1]);
});
