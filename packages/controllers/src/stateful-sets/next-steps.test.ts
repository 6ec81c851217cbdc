import { deepEqual } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StatefulSetSpec } from '@fairway/kinds/apps/v1';
import { type Step, nextSteps } from './next-steps.ts';
import type { AnyClaim, AnyPod, AnySet } from './pod-identity.ts';
import { newClaims, newStatefulPod } from './stateful-pod.ts';

const nowMs = Date.parse('2026-01-01T01:00:00Z');
const template = (image: string): StatefulSetSpec['template'] => ({
  metadata: { labels: { app: 'db' } },
  spec: { containers: [{ name: 'main', image }] },
});
const old = { name: 'db-old', template: template('db:1') };
const fresh = { name: 'db-new', template: template('db:2') };

type State = 'ready' | 'young' | 'pending' | 'broken' | 'failed' | 'succeeded' | 'ending';

function setOf(spec: Partial<StatefulSetSpec> = {}): AnySet {
  return {
    metadata: { name: 'db', namespace: 'shop', uid: 'uid-of-db' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'db' } },
      template: template('db:2'),
      serviceName: 'db',
      ...spec,
    },
  };
}

function podOf(set: AnySet, ordinal: number, state: State, revision = fresh): AnyPod {
  const phases = { pending: 'Pending', failed: 'Failed', succeeded: 'Succeeded' } as const;
  const phase = state in phases ? phases[state as keyof typeof phases] : 'Running';
  const isReady = state === 'ready' || state === 'young' || state === 'ending';
  const since = state === 'young' ? '2026-01-01T00:59:59Z' : '2026-01-01T00:00:00Z';
  const made = newStatefulPod(set, ordinal, revision);
  const ending = state === 'ending' ? { deletionTimestamp: '2026-01-01T00:59:00Z' } : {};
  return {
    ...made,
    metadata: { ...made.metadata, uid: `uid-of-${ordinal}`, ...ending },
    status: {
      phase,
      conditions: [
        { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: since },
      ],
    },
  };
}

/** The steps of each stage, in short. */
function told(
  set: AnySet,
  pods: readonly AnyPod[],
  more: { claims?: readonly AnyClaim[]; current?: typeof old } = {},
): readonly string[] {
  const { claims = [], current = fresh } = more;
  const claimOf = (name: string): AnyClaim | undefined =>
    claims.find(({ metadata }) => metadata?.name === name);
  const stages = nextSteps({ set, pods, claimOf, current, update: fresh, nowMs });
  return stages.filter((stage) => stage.length > 0).map((stage) => stage.map(inShort).join(' '));
}

function inShort(step: Step): string {
  if (step.action === 'create') return `create ${step.ordinal} of ${step.revision.name}`;
  return `${step.action} ${step.pod.metadata?.name}`;
}

describe('an ordered set', () => {
  const set = setOf();
  const pods = (...states: readonly State[]): AnyPod[] =>
    states.map((state, ordinal) => podOf(set, ordinal, state));

  test('has its pods made one after the other, each when all before it are available', () => {
    deepEqual(told(set, []), ['create 0 of db-new']);
    deepEqual(told(set, pods('pending')), []);
    deepEqual(told(set, pods('broken')), []);
    deepEqual(told(set, pods('ready')), ['create 1 of db-new']);
    deepEqual(told(set, pods('ready', 'ending')), []);
    deepEqual(told(set, pods('ready', 'ready', 'ready')), []);
    const patient = setOf({ minReadySeconds: 10 });
    deepEqual(told(patient, [podOf(patient, 0, 'young')]), []);
    deepEqual(told(patient, [podOf(patient, 0, 'ready')]), ['create 1 of db-new']);
  });

  test('has a hole filled before anything else', () => {
    const two = podOf(set, 2, 'ready');
    deepEqual(told(set, [podOf(set, 0, 'ready'), two]), ['create 1 of db-new']);
    deepEqual(told(setOf({ replicas: 2 }), [two]), ['create 0 of db-new']);
  });

  test('has pods that are over deleted, and waits until they are gone', () => {
    deepEqual(told(set, pods('failed', 'ready')), ['delete db-0']);
    deepEqual(told(set, pods('ready', 'succeeded')), ['delete db-1']);
    const failed = podOf(set, 0, 'failed');
    const metadata = { ...failed.metadata, deletionTimestamp: '2026-01-01T00:59:00Z' };
    deepEqual(told(set, [{ ...failed, metadata }]), []);
  });

  test('loses the last pod first, one at a time, when none that stays is missing', () => {
    const small = setOf({ replicas: 1 });
    deepEqual(told(small, pods('ready', 'ready', 'ready')), ['delete db-2']);
    deepEqual(told(small, pods('ready', 'ready', 'ending')), []);
    deepEqual(told(small, pods('broken', 'ready', 'ready')), []);
  });

  test('loses a broken pod when it is the only one, and else waits for those before it', () => {
    const small = setOf({ replicas: 1 });
    deepEqual(told(small, pods('ready', 'ready', 'broken')), ['delete db-2']);
    deepEqual(told(small, pods('ready', 'broken', 'ready')), ['delete db-2']);
    deepEqual(told(small, pods('ready', 'broken', 'broken')), []);
  });

  test('is left alone while it is being deleted', () => {
    const metadata = { ...set.metadata, deletionTimestamp: '2026-01-01T00:59:00Z' };
    deepEqual(told({ ...set, metadata }, []), []);
  });

  test('begins with its first ordinal, and loses those before it', () => {
    const shifted = setOf({ replicas: 1, ordinals: { start: 5 } });
    deepEqual(told(shifted, []), ['create 5 of db-new']);
    deepEqual(told(shifted, [podOf(set, 0, 'ready'), podOf(set, 5, 'ready')]), ['delete db-0']);
  });

  test('has a pod of an adopter repaired that is not what its name says', () => {
    const bare = podOf(set, 0, 'ready');
    const pod = { ...bare, metadata: { ...bare.metadata, labels: { app: 'db' } } };
    deepEqual(told(setOf({ replicas: 1, updateStrategy: { type: 'OnDelete' } }), [pod]), [
      'repair db-0',
    ]);
  });
});

describe('a parallel set', () => {
  const set = setOf({ podManagementPolicy: 'Parallel' });

  test('has all pods made and deleted at once', () => {
    deepEqual(told(set, []), ['create 0 of db-new create 1 of db-new create 2 of db-new']);
    deepEqual(told(set, [podOf(set, 1, 'broken'), podOf(set, 2, 'failed')]), [
      'create 0 of db-new delete db-2',
    ]);
    const small = setOf({ podManagementPolicy: 'Parallel', replicas: 0 });
    const pods = [podOf(set, 0, 'ready'), podOf(set, 1, 'ending'), podOf(set, 2, 'broken')];
    deepEqual(told(small, pods), ['delete db-2 delete db-0']);
  });

  test('has so many made at once, and not more', () => {
    const large = setOf({ podManagementPolicy: 'Parallel', replicas: 2_000_000_000 });
    const [stage = ''] = told(large, []);
    deepEqual(stage.match(/create/g)?.length, 500);
  });

  test('is updated one pod after the other all the same', () => {
    const pods = [0, 1, 2].map((ordinal) => podOf(set, ordinal, 'ready', old));
    deepEqual(told(set, pods, { current: old }), ['delete db-2']);
    const half = [...pods.slice(0, 2), podOf(set, 2, 'pending')];
    deepEqual(told(set, half, { current: old }), []);
  });
});

describe('an update', () => {
  const set = setOf();

  test('goes from the last pod to the first', () => {
    const pods = [0, 1, 2].map((ordinal) => podOf(set, ordinal, 'ready', old));
    deepEqual(told(set, pods, { current: old }), ['delete db-2']);
    const next = [...pods.slice(0, 2), podOf(set, 2, 'ready')];
    deepEqual(told(set, next, { current: old }), ['delete db-1']);
    deepEqual(told(set, next.slice(0, 2), { current: old }), ['create 2 of db-new']);
  });

  test('stops at the partition, below which pods come back as they were', () => {
    const rollingUpdate = { partition: 2 };
    const canary = setOf({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
    const pods = [0, 1].map((ordinal) => podOf(set, ordinal, 'ready', old));
    deepEqual(told(canary, [...pods, podOf(set, 2, 'ready')], { current: old }), []);
    deepEqual(told(canary, pods, { current: old }), ['create 2 of db-new']);
    deepEqual(told(canary, pods.slice(0, 1), { current: old }), ['create 1 of db-old']);
  });

  test('of a set that updates on deletion is made by who deletes', () => {
    const lazy = setOf({ updateStrategy: { type: 'OnDelete' } });
    const pods = [0, 1, 2].map((ordinal) => podOf(set, ordinal, 'ready', old));
    deepEqual(told(lazy, pods, { current: old }), []);
    deepEqual(told(lazy, pods.slice(0, 2), { current: old }), ['create 2 of db-new']);
  });

  test('that is broken stays so until somebody deletes the pod', () => {
    const pods = [podOf(set, 0, 'ready', old), podOf(set, 1, 'ready', old)];
    const broken = podOf(set, 2, 'broken', { ...old, name: 'db-bad' });
    deepEqual(told(set, [...pods, broken], { current: old }), []);
  });
});

describe('claims', () => {
  const claims = (
    policy?: StatefulSetSpec['persistentVolumeClaimRetentionPolicy'],
    replicas = 3,
  ): AnySet =>
    setOf({
      replicas,
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
      ...(policy === undefined ? {} : { persistentVolumeClaimRetentionPolicy: policy }),
    });

  test('that a waiting pod lacks are made', () => {
    const set = claims();
    deepEqual(told(set, [podOf(set, 0, 'pending')]), ['complete-claims db-0']);
    deepEqual(told(set, [podOf(set, 0, 'pending')], { claims: newClaims(set, 0) }), []);
  });

  test('of pods that leave are all given to them, before the first is deleted', () => {
    const policy = { whenScaled: 'Delete', whenDeleted: 'Retain' } as const;
    const set = claims(policy);
    const small = claims(policy, 1);
    const pods = [0, 1, 2].map((ordinal) => podOf(set, ordinal, 'ready'));
    const all = [0, 1, 2].flatMap((ordinal) => newClaims(set, ordinal));
    deepEqual(told(small, pods, { claims: all }), [
      'settle-claims db-2',
      'settle-claims db-1',
      'delete db-2',
    ]);
  });

  test('that go with the pod that had the name before are waited for', () => {
    const set = claims({ whenScaled: 'Delete', whenDeleted: 'Retain' });
    const [claim] = newClaims(set, 0);
    const reference = { apiVersion: 'v1', kind: 'Pod', name: 'db-0', uid: 'gone' };
    const metadata = { ...claim?.metadata, ownerReferences: [reference] };
    deepEqual(told(set, [], { claims: [{ ...claim, metadata }] }), []);
    deepEqual(told(claims(), [], { claims: [{ ...claim, metadata }] }), ['create 0 of db-new']);
  });
});
