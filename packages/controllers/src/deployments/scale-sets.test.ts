import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, ReplicaSet } from '@fairway/kinds/apps/v1';
import { rolloutBounds } from './bounds.ts';
import { currentSize, oldSizes } from './roll-over.ts';
import { type Rollout, rolloutOf } from './rollout.ts';
import { isBeingScaled, scaledSizes } from './scale-sets.ts';
import { sizeAnnotations } from './revisions.ts';

type Bound = number | string;

function deployment(replicas: number, maxSurge: Bound = 0, maxUnavailable: Bound = 0): Deployment {
  return {
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: {},
      template: { metadata: { labels: { version: 'now' } } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
    },
  };
}

/** A replica set of `[size, available]` pods, as the whole was `desired` and at most `max` pods. */
function set(
  name: string,
  [replicas, availableReplicas]: readonly [number, number],
  [desired, max]: readonly [number, number],
): ReplicaSet {
  return {
    metadata: {
      name,
      creationTimestamp: `2026-01-01T00:00:0${name.length}Z`,
      annotations: sizeAnnotations({ desired, max }),
    },
    spec: {
      replicas,
      selector: {},
      template: { metadata: { labels: { version: name === 'current' ? 'now' : name } } },
    },
    status: { replicas, availableReplicas },
  };
}

function sizes(found: ReturnType<typeof scaledSizes>): Readonly<Record<string, number>> {
  return Object.fromEntries(found.map((each) => [each.set.metadata?.name, each.size]));
}

test('a surge is rounded up, what may be unavailable down, and never both to nothing', () => {
  const rows: readonly (readonly [number, Bound, Bound, number, number])[] = [
    [10, '25%', '25%', 3, 2],
    [4, '25%', '25%', 1, 1],
    [3, '25%', '25%', 1, 0],
    [1, 0, '25%', 0, 1],
    [3, 2, 0, 2, 0],
    [2, 0, '100%', 0, 2],
    [2, 0, 5, 0, 2],
    [0, '25%', '25%', 0, 0],
  ];
  for (const [replicas, maxSurge, maxUnavailable, surge, unavailable] of rows) {
    const bounds = rolloutBounds(deployment(replicas, maxSurge, maxUnavailable));
    deepEqual(bounds, { surge, unavailable }, `${replicas}, ${maxSurge}, ${maxUnavailable}`);
  }
});

test('what is added to a Deployment in the middle of an update is shared out', () => {
  const [was, is] = [
    [10, 13],
    [15, 18],
  ] as const;
  const before = [set('old', [8, 8], was), set('current', [5, 0], was)];
  const rollout = rolloutOf(deployment(is[0], 3, 2), before);
  equal(isBeingScaled(rollout), true);
  // The example of the documentation: 5 more are 3 for the larger and 2 for the smaller one.
  deepEqual(sizes(scaledSizes(rollout)), { old: 11, current: 7 });
});

test('what is taken away is shared too, and what rounding leaves over is for the largest', () => {
  const was = [10, 13] as const;
  const sets = [set('older', [6, 6], was), set('old', [2, 2], was), set('current', [5, 0], was)];
  const shrunk = sizes(scaledSizes(rolloutOf(deployment(5, 3, 2), sets)));
  deepEqual(shrunk, { older: 4, old: 1, current: 3 });
  const total = Object.values(shrunk).reduce((sum, size) => sum + size, 0);
  equal(total, 8, 'five, and the surge');
  deepEqual(sizes(scaledSizes(rolloutOf(deployment(0, 3, 2), sets))), {
    older: 0,
    old: 0,
    current: 0,
  });
});

test('a Deployment with one replica set that has pods scales that one', () => {
  const was = [2, 3] as const;
  const paused = rolloutOf(deployment(4), [set('old', [2, 2], was)]);
  deepEqual(sizes(scaledSizes(paused)), { old: 4 });
  const empty = [set('old', [0, 0], was), set('current', [0, 0], was)];
  deepEqual(sizes(scaledSizes(rolloutOf(deployment(4), empty))), { current: 4 });
});

test('what is left of old replica sets goes when the current one has all that is wanted', () => {
  const rollout = rolloutOf(deployment(3), [
    set('old', [1, 1], [3, 4]),
    set('current', [3, 3], [3, 4]),
  ]);
  deepEqual(sizes(scaledSizes(rollout)), { old: 0 });
});

test('the current replica set grows into the surge, and the old ones shrink by what is spare', () => {
  const was = [4, 5] as const;
  const at = (old: readonly [number, number], current: readonly [number, number]): Rollout =>
    rolloutOf(deployment(4, 1, 1), [set('old', old, was), set('current', current, was)]);
  equal(currentSize(at([4, 4], [0, 0])), 1);
  deepEqual(sizes(oldSizes(at([4, 4], [1, 0]))), { old: 3 });
  equal(currentSize(at([3, 3], [1, 0])), 2);
  deepEqual(sizes(oldSizes(at([3, 3], [2, 0]))), {}, 'three must stay available');
  deepEqual(sizes(oldSizes(at([3, 3], [2, 2]))), { old: 1 });
  equal(currentSize(at([0, 0], [6, 6])), 4, 'scaled down with the Deployment');
});

test('pods that are not available anyway go first, however many are wanted', () => {
  const was = [4, 5] as const;
  const sick = [set('older', [2, 0], was), set('old', [2, 2], was), set('current', [1, 0], was)];
  deepEqual(sizes(oldSizes(rolloutOf(deployment(4, 1, 2), sick))), { older: 0 });
});
