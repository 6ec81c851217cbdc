import { deepEqual, equal } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DaemonSetUpdateStrategy } from '@fairway/kinds/apps/v1';
import type { AnyPod, AnySet } from './daemon-pod.ts';
import { type DaemonChanges, type NodeState, nextChanges } from './next-changes.ts';

const nowMs = Date.parse('2026-01-01T01:00:00Z');

/** In a word: which template, and how it is. */
type Pod =
  | 'old'
  | 'old-broken'
  | 'old-ending'
  | 'new'
  | 'new-young'
  | 'new-broken'
  | 'new-ending'
  | 'new-failed'
  | 'new-succeeded'
  | 'new-unplaced';

function podOf(name: string, word: Pod): AnyPod {
  const [age = '', state = 'ready'] = word.split('-');
  const isReady = state === 'ready' || state === 'young' || state === 'ending';
  const since = state === 'young' ? '2026-01-01T00:59:59Z' : '2026-01-01T00:00:00Z';
  const ending = state === 'ending' ? { deletionTimestamp: '2026-01-01T00:59:00Z' } : {};
  return {
    metadata: {
      name,
      labels: { age },
      creationTimestamp: age === 'old' ? '2026-01-01T00:00:00Z' : '2026-01-01T00:30:00Z',
      ...ending,
    },
    spec: { containers: [], ...(state === 'unplaced' ? {} : { nodeName: 'n' }) },
    status: {
      phase: state === 'failed' ? 'Failed' : state === 'succeeded' ? 'Succeeded' : 'Running',
      conditions: [
        { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: since },
      ],
    },
  };
}

function nodeOf(name: string, words: readonly Pod[], fitness: Partial<NodeState> = {}): NodeState {
  const pods = words.map((word, at) => podOf(`${name}.${word}${at === 0 ? '' : at}`, word));
  return { name, shouldRun: true, mayStay: true, pods, ...fitness };
}

function inPlace(maxUnavailable: number | string): DaemonSetUpdateStrategy {
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge: 0 } };
}

function surging(maxSurge: number | string): DaemonSetUpdateStrategy {
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge } };
}

/** What comes next, in short; nodes are `a`, `b`, … by the words of their pods. */
function told(
  updateStrategy: DaemonSetUpdateStrategy,
  nodes: readonly (readonly Pod[] | NodeState)[],
  more: { readonly minReadySeconds?: number; readonly waitMs?: number } = {},
): string {
  const { minReadySeconds = 0, waitMs = 0 } = more;
  const set: AnySet = { spec: { selector: {}, template: {}, updateStrategy, minReadySeconds } };
  const states = nodes.map((each, at) =>
    'name' in each ? each : nodeOf('abcdefgh'.charAt(at), each),
  );
  const { creations, removals, againMs }: DaemonChanges = nextChanges({
    set,
    nodes: states,
    stray: [],
    isUpdated: ({ metadata }) => metadata?.labels?.['age'] === 'new',
    failureWaitMs: () => waitMs,
    nowMs,
  });
  return [
    ...creations.map((name) => `+${name}`),
    ...removals.map(
      ({ pod, overOn }) => `-${pod.metadata?.name}${overOn === undefined ? '' : '!'}`,
    ),
    ...(againMs === undefined ? [] : [`in ${againMs}`]),
  ].join(' ');
}

describe('each node that should has one pod', () => {
  const strategy = inPlace(1);

  test('and the others have none', () => {
    equal(told(strategy, [[], ['new'], []]), '+a +c');
    const none = { shouldRun: false, mayStay: false };
    equal(told(strategy, [nodeOf('a', ['new'], none), nodeOf('b', [], none)]), '-a.new');
    const tainted = { shouldRun: false, mayStay: true };
    equal(told(strategy, [nodeOf('a', ['new'], tainted), nodeOf('b', [], tainted)]), '');
  });

  test('and a second one goes, the younger or the one that is not placed', () => {
    equal(told(strategy, [['new', 'old']]), '-a.new');
    equal(told(strategy, [['new-unplaced', 'new']]), '-a.new-unplaced');
  });

  test('and waits until the one before is gone', () => {
    equal(told(strategy, [['old-ending']]), '');
  });

  test('and one that is over goes, a failed one when its time has come', () => {
    equal(told(strategy, [['new-failed'], ['new-succeeded']]), '-a.new-failed! -b.new-succeeded!');
    equal(
      told(strategy, [['new-failed'], ['new-succeeded']], { waitMs: 500 }),
      '-b.new-succeeded! in 500',
    );
  });

  test('and one that waits for a node that is gone goes', () => {
    const stray = [podOf('x', 'new-unplaced'), podOf('y', 'new-ending')];
    const set: AnySet = { spec: { selector: {}, template: {} } };
    const state = { set, nodes: [], stray, isUpdated: () => true, failureWaitMs: () => 0, nowMs };
    deepEqual(nextChanges(state).removals, [{ pod: stray[0] }]);
  });
});

describe('an update in place', () => {
  test('deletes as many old pods as may be missing', () => {
    equal(told(inPlace(1), [['old'], ['old'], ['old']]), '-a.old');
    equal(told(inPlace(2), [['old'], ['old'], ['old']]), '-a.old -b.old');
    equal(told(inPlace('50%'), [['old'], ['old'], ['old']]), '-a.old -b.old');
    equal(told(inPlace('0%'), [['old'], ['old']]), '-a.old');
    equal(told(inPlace(1), [['new'], ['new']]), '');
  });

  test('waits for those that are missing', () => {
    equal(told(inPlace(1), [['new-broken'], ['old']]), '');
    equal(told(inPlace(1), [['old-ending'], ['old']]), '');
    equal(told(inPlace(1), [['new-young'], ['old']], { minReadySeconds: 10 }), '');
    equal(told(inPlace(2), [['new-broken'], ['old'], ['old']]), '-b.old');
  });

  test('deletes at once those that serve nobody, which count as missing', () => {
    equal(
      told(inPlace(1), [['old-broken'], ['old-broken'], ['old']]),
      '-a.old-broken -b.old-broken',
    );
    equal(
      told(inPlace(3), [['old-broken'], ['old'], ['old'], ['old']]),
      '-a.old-broken -b.old -c.old',
    );
  });

  test('that waits for deletions deletes nothing', () => {
    equal(told({ type: 'OnDelete' }, [['old'], ['old']]), '');
    equal(told({ type: 'OnDelete' }, [['old'], []]), '+b');
    equal(told({ type: 'OnDelete' }, [['old', 'new-unplaced']]), '-a.new-unplaced1');
  });
});

describe('an update with surge', () => {
  test('makes as many second pods as there may be', () => {
    equal(told(surging(1), [['old'], ['old'], ['old']]), '+c');
    equal(told(surging('50%'), [['old'], ['old'], ['old']]), '+c +b');
    equal(told(surging(1), [['old', 'new-broken'], ['old']]), '');
    equal(told(surging(2), [['old', 'new-broken'], ['old'], ['old']]), '+c');
  });

  test('deletes an old pod when the new one serves, or itself does not', () => {
    equal(told(surging(1), [['old', 'new']]), '-a.old');
    equal(told(surging(1), [['old', 'new-young']], { minReadySeconds: 10 }), '');
    equal(told(surging(1), [['old-broken', 'new-broken']]), '-a.old-broken');
    equal(told(surging(1), [['old', 'old', 'new-broken', 'new-broken']]), '-a.new-broken3 -a.old1');
  });

  test('makes a second pod at once where the old one does not serve', () => {
    equal(told(surging(1), [['old'], ['old-broken'], ['old-broken']]), '+b +c +a');
    equal(told(surging(1), [['old-ending'], ['old']]), '+a');
    const tainted = { shouldRun: false, mayStay: true };
    equal(told(surging(1), [nodeOf('a', ['old'], tainted)]), '');
  });
});
