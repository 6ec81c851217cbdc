import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, settle } from '@fairway/host/testing';
import { type LeaderElector, LeadershipLostError } from '../leader-election/leader-elector.ts';
import { keepRunning } from './keep-running.ts';
import { whileLeading } from './while-leading.ts';

test('keepRunning() runs again what has ended or failed, and tells of failures only', async () => {
  const clock = new ManualClock();
  const stopping = new AbortController();
  const { signal } = stopping;
  const failed = new Error('failed');
  const told: unknown[] = [];
  let runs = 0;
  const work = async (): Promise<void> => {
    if (++runs === 2) throw failed;
    // The third is told to end, and fails by that.
    if (runs === 3) await new Promise((_, reject) => signal.addEventListener('abort', reject));
  };
  const running = keepRunning(work, { clock, signal, onFailure: (error) => told.push(error) });
  await settle();
  assert.equal(runs, 1);
  await clock.advance(4_999);
  assert.equal(runs, 1);
  await clock.advance(1);
  assert.deepEqual([runs, told], [2, [failed]]);
  await clock.advance(5_000);
  assert.equal(runs, 3);
  stopping.abort();
  await running;
  assert.deepEqual(told, [failed]);
});

test('whileLeading() stands for election again after the lead was lost, and passes other failures on', async () => {
  const { signal } = new AbortController();
  const lost = new LeadershipLostError('lost');
  const broken = new Error('broken');
  const outcomes = [lost, lost, broken];
  const told: unknown[] = [];
  const elector: LeaderElector = {
    run: async () => {
      throw outcomes.shift();
    },
    problem: () => undefined,
  };
  const working = whileLeading(async () => {}, {
    elector,
    signal,
    onLost: (each) => told.push(each),
  });
  await assert.rejects(working, broken);
  assert.deepEqual(told, [lost, lost]);
});

test('whileLeading() works at once where nobody is elected', async () => {
  let worked = 0;
  const { signal } = new AbortController();
  const work = async (): Promise<void> => void worked++;
  await whileLeading(work, { elector: undefined, signal, onLost: () => assert.fail() });
  assert.equal(worked, 1);
});
