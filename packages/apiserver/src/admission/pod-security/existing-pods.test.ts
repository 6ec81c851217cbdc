import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import type { Pod } from '@fairway/kinds/core/v1';
import { existingPodWarnings } from './existing-pods.ts';

const enforce = { level: 'baseline', version: 'latest' } as const;
const clock = new ManualClock();

function pod(name: string, { uid, spec }: { uid?: string; spec?: object } = {}): Pod {
  const ownerReferences = uid === undefined ? [] : [{ uid, controller: true }];
  return {
    metadata: { name, ownerReferences },
    spec: { containers: [], ...spec },
  } as unknown as Pod;
}

const onHost = { hostNetwork: true };

function warnings(
  pods: readonly Pod[],
  parts: Partial<Parameters<typeof existingPodWarnings>[1]> = {},
): Promise<readonly string[]> {
  const decoders = pods.map((each) => () => each);
  return existingPodWarnings(enforce, {
    namespace: 'n',
    pods: decoders,
    isExempt: () => false,
    clock,
    ...parts,
  });
}

test('existingPodWarnings() counts pods that violate the same, in the order of their names', async () => {
  const pods = [
    pod('c', { spec: onHost }),
    pod('b', { spec: onHost }),
    pod('z', {
      spec: { hostPID: true, containers: [{ name: 'c', securityContext: { privileged: true } }] },
    }),
    pod('d', { spec: onHost }),
    pod('fine'),
  ];
  const found =
    'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"';
  assert.deepEqual(await warnings(pods), [
    found,
    'b (and 2 other pods): host namespaces',
    'z: host namespaces, privileged',
  ]);
  assert.deepEqual(await warnings(pods.slice(0, 2)), [
    found,
    'b (and 1 other pod): host namespaces',
  ]);
  assert.deepEqual(await warnings(pods, { isExempt: () => true }), []);
  assert.deepEqual(await warnings([pod('fine')]), []);
});

test('existingPodWarnings() looks at three thousand pods, one of each controller first', async () => {
  const replicas = Array.from({ length: 3_000 }, (_, at) => pod(`r-${at}`, { uid: 'one' }));
  const last = pod('last', { uid: 'other', spec: onHost });
  const told = await warnings([...replicas, last]);
  assert.equal(
    told[0],
    'new PodSecurity enforce level only checked against the first 3000 of 3001 existing pods',
  );
  assert.equal(told[2], 'last: host namespaces');
});

test('existingPodWarnings() ends after a second', async () => {
  let elapsedMs = 0;
  const slow = { elapsed: () => (elapsedMs += 100) };
  const pods = Array.from({ length: 50 }, (_, at) => pod(`p-${at}`));
  const [told = ''] = await warnings(pods, { clock: slow });
  assert.match(
    told,
    /^new PodSecurity enforce level only checked against the first \d of 50 existing/,
  );
});
