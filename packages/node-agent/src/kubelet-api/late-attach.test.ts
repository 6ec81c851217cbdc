import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, settle } from '@fairway/host/testing';
import type { ServedProcess } from '@fairway/protocol/pods';
import type { ContainerRecord } from '../runtime/container.ts';
import { tellingLateness } from './late-attach.ts';

const cameMs = 5_000;

async function* nothing(): AsyncGenerator<never, void> {}

function caller(): ServedProcess & { readonly seen: string[] } {
  const seen: string[] = [];
  const note = async (bytes: Uint8Array): Promise<void> => void seen.push(String(bytes));
  const { signal } = new AbortController();
  return { stdin: nothing(), sizes: nothing(), stdout: note, stderr: note, signal, seen };
}

/** To what a runtime knows of a container, one time after the other. */
function attach(records: readonly Partial<ContainerRecord>[], said: string) {
  const left = [...records];
  const containerRecord = async (): Promise<ContainerRecord> =>
    (left.length > 1 ? left.shift() : left[0]) as ContainerRecord;
  const runtime = { containerRecord };
  const clock = new ManualClock(cameMs);
  const attached = async (process: ServedProcess): Promise<number> => {
    if (said !== '') await process.stdout(Buffer.from(said));
    return 0;
  };
  return {
    clock,
    program: tellingLateness(attached, { containerId: 'c1', runtime, clock }),
  };
}

test('who attaches as a container ends and is shown nothing is told that it does not run', async () => {
  const { program } = attach([{ state: 'exited', finishedMs: cameMs + 500 }], '');
  await assert.rejects(program(caller()), /^Error: container not running \(c1\)$/);
});

test('a container whose streams have ended may be said to run for a while yet', async () => {
  const running = { state: 'running' } as const;
  const ended = { state: 'exited', finishedMs: cameMs } as const;
  const { program, clock } = attach([running, running, ended], '');
  const told = assert.rejects(program(caller()), /^Error: container not running \(c1\)$/);
  await settle();
  await clock.advance(50);
  await clock.advance(50);
  await told;
});

test('who was shown something, or was there for a while, is told how it ended', async () => {
  const one = caller();
  assert.equal(await attach([{ state: 'exited', finishedMs: cameMs }], 'hello').program(one), 0);
  assert.deepEqual(one.seen, ['hello']);
  const later = attach([{ state: 'exited', finishedMs: cameMs + 1_001 }], '');
  assert.equal(await later.program(caller()), 0);
  const closed = attach([{ state: 'running' }], '');
  const left = closed.program(caller());
  await settle();
  for (let passedMs = 0; passedMs < 1_000; passedMs += 50) await closed.clock.advance(50);
  assert.equal(await left, 0);
});
