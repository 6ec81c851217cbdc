import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GivenToken } from '@fairway/client';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { keepToken, type TokenKeeper } from './keep-token.ts';

const given = (token: string, expirationSeconds = 3_600): GivenToken => ({
  token,
  expirationSeconds,
  expirationTimestamp: 'of a clock that differs',
});

interface Story {
  readonly clock: ManualClock;
  readonly seen: string[];
  /** What the server answers next. */
  answers: (GivenToken | Error)[];
  stop(): Promise<void>;
}

function keep(first: GivenToken): Story {
  const clock = new ManualClock();
  const stopping = new AbortController();
  const story: Omit<Story, 'stop'> = { clock, seen: [], answers: [] };
  const keeper: TokenKeeper = {
    clock,
    random: seededRandom(1),
    async request() {
      const answer = story.answers.shift() ?? new Error('nobody asked for this');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    onToken: async ({ token }) => void story.seen.push(token),
    onTrouble({ cause, goodForMs, nextTryMs }) {
      const seconds = Math.floor(nextTryMs / 1_000);
      story.seen.push(`${(cause as Error).message}: ${Math.round(goodForMs / 1_000)} ${seconds}`);
    },
  };
  const kept = keepToken(keeper, first, stopping.signal);
  return Object.assign(story, {
    stop() {
      stopping.abort();
      return kept;
    },
  });
}

test('keepToken() replaces a token after four fifths of its life, again and again', async () => {
  const story = keep(given('a', 1_000));
  story.answers = [given('b', 100), given('c', 100)];
  await story.clock.advance(799_000);
  assert.deepEqual(story.seen, []);
  await story.clock.advance(1_000);
  assert.deepEqual(story.seen, ['b']);
  await story.clock.advance(80_000);
  assert.deepEqual(story.seen, ['b', 'c']);
  await story.stop();
  assert.equal(story.clock.pending, 0);
});

test('keepToken() notices that the machine slept', async () => {
  const story = keep(given('a'));
  story.answers = [given('b')];
  story.clock.jump(3_600_000);
  await story.clock.advance(30_000);
  assert.deepEqual(story.seen, ['b']);
  await story.stop();
});

test('keepToken() tells each failure, and tries again after longer and longer pauses', async () => {
  const story = keep(given('a', 1_000));
  story.answers = [new Error('no'), new Error('no'), new Error('no'), given('b', 1_000)];
  await story.clock.advance(801_000);
  await story.clock.advance(10_000);
  assert.deepEqual(story.seen, ['no: 200 1', 'no: 199 2', 'no: 197 4', 'b']);
  story.answers = Array.from({ length: 30 }, () => new Error('gone'));
  await story.clock.advance(2_000_000);
  assert.match(story.seen.at(-1) ?? '', /^gone: -\d+ (6|7)\d$/);
  await story.stop();
});
