import assert from 'node:assert/strict';
import { test } from 'node:test';
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

function attach(record: Partial<ContainerRecord>, said: string) {
  const runtime = { containerRecord: async () => record as ContainerRecord };
  const clock = { now: () => cameMs };
  const attached = async (process: ServedProcess): Promise<number> => {
    if (said !== '') await process.stdout(Buffer.from(said));
    return 0;
  };
  return tellingLateness(attached, { containerId: 'c1', runtime, clock });
}

test('who attaches as a container ends and is shown nothing is told that it does not run', async () => {
  const ended = { state: 'exited', finishedMs: cameMs + 500 } as const;
  await assert.rejects(attach(ended, '')(caller()), /^Error: container not running \(c1\)$/);
});

test('who was shown something, or was there for a while, is told how it ended', async () => {
  const one = caller();
  assert.equal(await attach({ state: 'exited', finishedMs: cameMs }, 'hello')(one), 0);
  assert.deepEqual(one.seen, ['hello']);
  assert.equal(await attach({ state: 'exited', finishedMs: cameMs + 1_001 }, '')(caller()), 0);
  assert.equal(await attach({ state: 'running' }, '')(caller()), 0);
});
