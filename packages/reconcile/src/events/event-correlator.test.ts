import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { EventCorrelator } from './event-correlator.ts';
import { RecentMap, subjectsMax } from './recent-map.ts';

const about = { source: 'tests', object: 'pod a', type: 'Normal', reason: 'Tried' };

test('EventCorrelator counts again from one what has not been said for ten minutes in many ways', async () => {
  const clock = new ManualClock();
  const correlator = new EventCorrelator(clock);
  const say = (message: string) => correlator.correlate({ ...about, message });
  for (let at = 0; at < 10; at++) say(`try ${at}`);
  const combined = say('try 10');
  assert.equal('message' in combined && combined.message, '(combined from similar events): try 10');
  await clock.advance(600_000);
  const still = say('try 11');
  assert.equal('message' in still && still.message, '(combined from similar events): try 11');
  await clock.advance(600_001);
  const anew = say('try 12');
  assert.equal('message' in anew && anew.message, 'try 12');
});

test('RecentMap forgets what was set longest ago beyond its bound', () => {
  const recent = new RecentMap<number>();
  for (let at = 0; at < subjectsMax; at++) recent.set(`key ${at}`, at);
  recent.set('key 0', -1);
  recent.set('another', 0);
  assert.deepEqual(
    [recent.get('key 0'), recent.get('key 1'), recent.get('key 2')],
    [-1, undefined, 2],
  );
});
