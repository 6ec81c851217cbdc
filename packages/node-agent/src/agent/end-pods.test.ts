import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { type EndedParts, endPods } from './end-pods.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';

/** A machine with one pod, whose runtime and programs hinder for some tries. */
function hinderedMachine(hindrances: { unavailable: number; running: number }) {
  const clock = new ManualClock();
  const left = new Set(['sandbox', 'volumes', 'cgroup', 'cgroups']);
  const sandbox = { id: 's1', isReady: true } as never;
  const parts: EndedParts = {
    clock,
    runtime: {
      async listPods() {
        if (hindrances.unavailable-- > 0) throw new RuntimeError('unavailable', 'was killed');
        if (!left.has('sandbox')) return [];
        return [{ uid: 'u1', name: 'a', namespace: 'b', sandboxes: [sandbox], containers: [] }];
      },
      stopSandbox: async () => undefined,
      removeSandbox: async () => void left.delete('sandbox'),
    },
    volumes: {
      leftovers: async () => (left.has('volumes') ? ['u1'] : []),
      tearDown: async () => void left.delete('volumes'),
    },
    cgroups: {
      leftovers: async () => (left.has('cgroup') ? ['u1'] : []),
      remove: async () => hindrances.running-- <= 0 && (left.delete('cgroup') || true),
      removeAll: async () => void (left.has('cgroup') || left.delete('cgroups')),
    },
  };
  return { clock, left, parts };
}

test('endPods() waits for a runtime that was killed and for programs that end', async () => {
  const { clock, left, parts } = hinderedMachine({ unavailable: 2, running: 3 });
  const ended = endPods(parts);
  await clock.advance(5_000);
  await ended;
  assert.deepEqual([...left], []);
});

test('endPods() says what is left when it takes too long', async () => {
  const { clock, left, parts } = hinderedMachine({ unavailable: Infinity, running: 0 });
  const ended = assert.rejects(endPods(parts), {
    name: 'AggregateError',
    errors: [new RuntimeError('unavailable', 'was killed')],
  });
  await clock.advance(25_000);
  await ended;
  assert.equal(left.size, 4);
});
