import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import type { Pod } from '@fairway/kinds/core/v1';
import { policyPodOf } from './policy-pod.ts';
import { StartingPods, UnknownPodError } from './starting-pods.ts';

const pod = {
  metadata: { namespace: 'shop', name: 'web' },
  spec: { nodeName: 'here', containers: [] },
} satisfies Pod;
const told = (ip: string, name = 'web'): Pod => ({
  ...pod,
  metadata: { namespace: 'shop', name },
  status: { podIPs: [{ ip }] },
});
const told2 = policyPodOf(told('10.244.0.2', 'other'));

test('a pod waits until rules know it by its address', async () => {
  const starting = new StartingPods({ clock: new ManualClock() });
  let isKnown = false;
  const waiting = starting.untilKnown(pod, ['10.244.0.2']).then(() => (isKnown = true));
  starting.noteRules(({ addresses }) => addresses[0] === '10.244.0.9');
  await Promise.resolve();
  assert.equal(isKnown, false);
  starting.noteRules(({ addresses }) => addresses[0] === '10.244.0.2');
  await waiting;
});

test('one that the rules do not come to know fails', async () => {
  const clock = new ManualClock();
  const starting = new StartingPods({ clock });
  const waiting = starting.untilKnown(pod, ['10.244.0.2']);
  clock.advance(30_000);
  await assert.rejects(waiting, UnknownPodError);
});

test('a pod without an address of its own need not wait', async () => {
  const starting = new StartingPods({ clock: new ManualClock() });
  await starting.untilKnown({ ...pod, spec: { ...pod.spec, hostNetwork: true } }, ['192.0.2.1']);
});

test('its address is its own until the API knows it, and no other pod has it meanwhile', () => {
  const starting = new StartingPods({ clock: new ManualClock() });
  starting.noteRules(() => true);
  void starting.untilKnown(pod, ['10.244.0.2']);
  const before = told2 === undefined ? [] : [told2];
  assert.deepEqual(
    starting.among(before).map(({ name, addresses }) => [name, ...addresses]),
    [['web', '10.244.0.2']],
  );
  starting.noteChange({ type: 'updated', object: told('10.244.0.2'), old: pod });
  assert.deepEqual(starting.among([]), []);
});

test('one that was deleted is forgotten', () => {
  const starting = new StartingPods({ clock: new ManualClock() });
  starting.noteRules(() => true);
  void starting.untilKnown(pod, ['10.244.0.2']);
  starting.noteChange({ type: 'deleted', object: pod });
  assert.deepEqual(starting.among([]), []);
});
