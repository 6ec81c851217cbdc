import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '@fairway/kinds/core/v1';
import {
  isPodActive,
  isPodAvailable,
  isPodOver,
  isPodTerminating,
  podAvailableAtMs,
} from './pod-state.ts';

const deletionTimestamp = '2026-01-01T00:00:00Z';

test('a pod is active, terminating or over', () => {
  const stateOf = (pod: Pod): readonly boolean[] => [
    isPodActive(pod),
    isPodTerminating(pod),
    isPodOver(pod),
  ];
  deepEqual(stateOf({}), [true, false, false]);
  deepEqual(stateOf({ status: { phase: 'Running' } }), [true, false, false]);
  deepEqual(stateOf({ metadata: { deletionTimestamp } }), [false, true, false]);
  deepEqual(stateOf({ status: { phase: 'Succeeded' } }), [false, false, true]);
  const deletedAfterwards: Pod = { metadata: { deletionTimestamp }, status: { phase: 'Failed' } };
  deepEqual(stateOf(deletedAfterwards), [false, false, true]);
});

test('a pod is available when it has been ready for long enough', () => {
  const readySince = (lastTransitionTime: string, status = 'True'): Pod => ({
    status: { conditions: [{ type: 'Ready', status, lastTransitionTime }] },
  });
  const time = '1970-01-01T00:00:10Z';
  equal(podAvailableAtMs(readySince(time), 0), 0);
  equal(isPodAvailable(readySince(time), 0, 9_000), true);
  equal(podAvailableAtMs(readySince(time), 5), 15_000);
  const isAvailableAt = (nowMs: number): boolean => isPodAvailable(readySince(time), 5, nowMs);
  deepEqual([14_999, 15_000].map(isAvailableAt), [false, true]);
  equal(isPodAvailable({}, 0, 15_000), false);
  equal(podAvailableAtMs(readySince(time, 'False'), 0), undefined);
  equal(podAvailableAtMs({}, 0), undefined);
  equal(podAvailableAtMs({ status: { conditions: [{ type: 'Ready', status: 'True' }] } }, 0), 0);
  equal(
    podAvailableAtMs({ status: { conditions: [{ type: 'Ready', status: 'True' }] } }, 1),
    undefined,
  );
});
