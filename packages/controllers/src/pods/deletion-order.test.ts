import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import { inDeletionOrder } from './deletion-order.ts';

const nowMs = 1_800_000_000_000;
const ago = (seconds: number): string => formatTime(nowMs - seconds * 1_000);

interface Traits {
  readonly node?: string;
  readonly phase?: string;
  readonly readyFor?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly age?: number;
}

function pod(name: string, traits: Traits): Pod {
  const { node = 'n1', phase = 'Running', readyFor, cost, restarts = 0, age = 1_000 } = traits;
  const annotations =
    cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost };
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: ago(readyFor ?? 0) };
  return {
    metadata: { name, uid: name, annotations, creationTimestamp: ago(age) },
    spec: { nodeName: node, containers: [] },
    status: {
      phase: phase as 'Running',
      conditions: readyFor === undefined ? [] : [ready],
      containerStatuses: [
        { name: 'a', image: '', imageID: '', ready: true, restartCount: restarts },
      ],
    },
  };
}

/** In each row, the one that goes first and the one that stays. */
const rows: readonly (readonly [string, Traits, Traits])[] = [
  ['one without a node', { node: '', readyFor: 900 }, { phase: 'Pending' }],
  ['a pending one', { phase: 'Pending' }, { phase: 'Running' }],
  ['one of which nothing is known', { phase: 'Unknown' }, { phase: 'Running' }],
  ['one that is not ready', { cost: '9' }, { readyFor: 1, cost: '-9' }],
  ['the cheaper one', { readyFor: 900, cost: '-1' }, { readyFor: 1 }],
  ['one in company', { readyFor: 900, node: 'crowded' }, { readyFor: 1 }],
  ['the one that became ready last', { readyFor: 1 }, { readyFor: 900 }],
  ['the one that restarts', { readyFor: 900, restarts: 3 }, { readyFor: 900, age: 10 }],
  ['the younger one', { readyFor: 5, age: 10 }, { readyFor: 5, age: 1_000 }],
];

for (const [who, first, second] of rows) {
  test(`${who} is deleted first`, () => {
    const context = {
      nowMs,
      companyOf: ({ spec }: { readonly spec?: { readonly nodeName?: string } }) =>
        spec?.nodeName === 'crowded' ? 2 : 1,
    };
    const pods = [pod('a', second), pod('b', first)];
    const names = inDeletionOrder(pods, context).map(({ metadata }) => metadata?.name);
    deepEqual(names, ['b', 'a']);
  });
}

test('of pods of about the same age the uid decides, so that a burst is thinned out evenly', () => {
  const alike = [pod('b', { readyFor: 900, age: 1_000 }), pod('a', { readyFor: 901, age: 1_001 })];
  const order = inDeletionOrder(alike, { nowMs, companyOf: () => 1 });
  deepEqual(
    order.map(({ metadata }) => metadata?.name),
    ['a', 'b'],
  );
});
