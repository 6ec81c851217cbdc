import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnerReference } from '@fairway/protocol';
import { firstOwners, hasRival, ownersToSet } from './claim-retention.ts';
import type { AnyClaim, AnySet } from './pod-identity.ts';

type Policy = 'Retain' | 'Delete';

function setOf(whenScaled: Policy, whenDeleted: Policy): AnySet {
  return {
    metadata: { name: 'db', namespace: 'shop', uid: 'uid-of-set' },
    spec: {
      replicas: 1,
      selector: {},
      template: {},
      persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted },
    },
  };
}

const podOf = (ordinal: number) => ({
  metadata: { name: `db-${ordinal}`, namespace: 'shop', uid: `uid-of-${ordinal}` },
});
const claimOf = (...ownerReferences: readonly OwnerReference[]): AnyClaim => ({
  metadata: { name: 'data-db-0', ownerReferences },
});
const bySet: OwnerReference = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  name: 'db',
  uid: 'uid-of-set',
  controller: true,
  blockOwnerDeletion: true,
};
const byPod = (ordinal: number): OwnerReference => ({
  ...bySet,
  apiVersion: 'v1',
  kind: 'Pod',
  name: `db-${ordinal}`,
  uid: `uid-of-${ordinal}`,
});
const other: OwnerReference = { apiVersion: 'x/v1', kind: 'Backup', name: 'b', uid: 'uid-of-b' };

test('a claim goes with the set, with a pod that leaves, or stays, as the policy says', () => {
  const table: readonly [Policy, Policy, number, readonly OwnerReference[]][] = [
    ['Retain', 'Retain', 0, []],
    ['Retain', 'Retain', 1, []],
    ['Retain', 'Delete', 0, [bySet]],
    ['Retain', 'Delete', 1, [bySet]],
    ['Delete', 'Retain', 0, []],
    ['Delete', 'Retain', 1, [byPod(1)]],
    ['Delete', 'Delete', 0, [bySet]],
    ['Delete', 'Delete', 1, [byPod(1)]],
  ];
  for (const [whenScaled, whenDeleted, ordinal, wanted] of table) {
    const set = setOf(whenScaled, whenDeleted);
    const pod = podOf(ordinal);
    const what = `${whenScaled} when scaled, ${whenDeleted} when deleted, ordinal ${ordinal}`;
    for (const before of [[], [bySet], [byPod(ordinal)]]) {
      const settled = ownersToSet(claimOf(...before, other), { set, pod });
      const after = settled ?? [...before, other];
      deepEqual(new Set(after), new Set([other, ...wanted]), what);
      equal(ownersToSet(claimOf(...after), { set, pod }), undefined, `${what}: settled`);
    }
    if (ordinal === 0) deepEqual(firstOwners(set, ordinal), wanted, what);
  }
});

test('references to a set or a pod that had the name before are taken out', () => {
  const set = setOf('Retain', 'Delete');
  const stale = claimOf({ ...bySet, uid: 'gone' }, { ...byPod(0), uid: 'gone' });
  deepEqual(ownersToSet(stale, { set, pod: podOf(0) }), [bySet]);
});

test('a reference to the set that does not control is made one that does', () => {
  const set = setOf('Retain', 'Delete');
  const { controller: _, ...loose } = bySet;
  deepEqual(ownersToSet(claimOf(loose), { set, pod: podOf(0) }), [bySet]);
});

test('a claim that somebody else controls is left to them', () => {
  const rival = { ...other, controller: true };
  const set = setOf('Delete', 'Delete');
  const members = { set, pod: podOf(0) };
  equal(hasRival(claimOf(rival), members), true);
  equal(ownersToSet(claimOf(rival), members), undefined);
  deepEqual(ownersToSet(claimOf(rival, bySet), members), [rival]);
  equal(hasRival(claimOf(rival), { set: setOf('Retain', 'Retain'), pod: podOf(0) }), false);
});
