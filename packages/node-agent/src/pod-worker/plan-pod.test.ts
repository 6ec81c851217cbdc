import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { RuntimePod } from '../runtime/pod-runtime.ts';
import { type PodScene, planPod } from './plan-pod.ts';
import { type PodMemory, noMemory } from './pod-memory.ts';

const pod: AnyPod = {
  metadata: { name: 'web', namespace: 'default', uid: 'u1', labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image: 'web' }] },
};
const of = { labels: {}, annotations: {} };
const held: RuntimePod = {
  uid: 'u1',
  name: 'web',
  namespace: 'default',
  containers: [],
  sandboxes: [{ id: 's', attempt: 0, isReady: true, createdMs: 0, addresses: ['10.1.0.2'], ...of }],
};
const scene: PodScene = {
  nowMs: 1_000,
  scheme: 'test',
  probes: () => ({ isStarted: true, isReady: true }),
  resizeProblem: () => undefined,
  isOutdated: () => false,
  busy: new Map(),
  isGone: false,
  hostAddresses: ['192.0.2.1'],
};

/** The version for which volumes are to be brought up to date; undefined: they are. */
function wanted(memory: PodMemory): string | undefined {
  const { actions } = planPod(pod, held, memory, scene);
  return actions.flatMap((each) => (each.kind === 'set-up-volumes' ? [each.of] : []))[0];
}

test('planPod() deletes a pod that an API server has marked for the last time and was killed', () => {
  const memory: PodMemory = { ...noMemory, isTornDown: true };
  const actionsOf = (finalizers: string[]): readonly string[] => {
    const deletion = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 };
    const ended = { ...pod, metadata: { ...pod.metadata, ...deletion, finalizers } };
    const { pod: written } = planPod(ended, undefined, memory, scene);
    return planPod(written, undefined, memory, scene).actions.map(({ kind }) => kind);
  };
  assert.deepEqual(actionsOf([]), ['delete-pod']);
  assert.deepEqual(actionsOf(['example.com/keep']), []);
});

test('planPod() brings volumes up to date again that changed while it was done', () => {
  const begun = wanted(noMemory);
  assert.ok(begun);
  const done: PodMemory = { ...noMemory, volumes: { atMs: 1_000, of: begun } };
  assert.equal(wanted(done), undefined);
  const changed: PodMemory = { ...done, sourceChanges: 1 };
  const again = wanted(changed);
  assert.ok(again);
  assert.equal(wanted({ ...changed, volumes: { atMs: 1_000, of: again } }), undefined);
});
