import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type HeldClaim, type HeldVolume, bestVolume, whyUnsuitable } from './matching-volumes.ts';

const claim: HeldClaim = {
  metadata: { namespace: 'shop', name: 'data', uid: 'c1' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
};

function volume(name: string, storage: string, spec: object = {}, status: object = {}): HeldVolume {
  return {
    metadata: { name, labels: { disk: name } },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce', 'ReadOnlyMany'], ...spec },
    status: { phase: 'Available', ...status },
  };
}

function chosen(volumes: readonly HeldVolume[], of = claim, isWaiting = false): string | undefined {
  return bestVolume(of, volumes, { isWaiting })?.metadata?.name;
}

const claimRef = { namespace: 'shop', name: 'data' };

test('a claim gets the smallest volume that is free and large enough', () => {
  const sizes = [volume('small', '1Gi'), volume('large', '20Gi'), volume('fits', '3Gi')];
  equal(chosen(sizes), 'fits');
  equal(chosen([volume('taken', '3Gi', { claimRef: { ...claimRef, name: 'other' } })]), undefined);
  equal(chosen([volume('released', '3Gi', {}, { phase: 'Released' })]), undefined);
});

test('a volume that is meant for a claim goes first, also for one that waits for a node', () => {
  const meant = volume('meant', '30Gi', { claimRef });
  equal(chosen([volume('fits', '3Gi'), meant]), 'meant');
  equal(chosen([volume('fits', '3Gi')], claim, true), undefined);
  equal(chosen([meant], claim, true), 'meant');
  const earlier = volume('earlier', '3Gi', { claimRef: { ...claimRef, uid: 'c0' } });
  equal(chosen([earlier]), undefined, 'of a claim that was there before under the name');
});

test('a selector leaves volumes out', () => {
  const selecting = { ...claim, spec: { ...claim.spec, selector: { matchLabels: { disk: 'b' } } } };
  equal(chosen([volume('a', '2Gi'), volume('b', '9Gi')], selecting), 'b');
});

test('it is told why a volume cannot be that of a claim', () => {
  const rows: readonly (readonly [object, string | undefined])[] = [
    [{}, undefined],
    [{ capacity: { storage: '2047Mi' } }, 'requested PV is too small'],
    [{ storageClassName: 'fast' }, 'storageClassName does not match'],
    [{ volumeMode: 'Block' }, 'incompatible volumeMode'],
    [{ accessModes: ['ReadWriteMany'] }, 'incompatible accessMode'],
    [{ volumeAttributesClassName: 'gold' }, 'volumeAttributesClassName does not match'],
  ];
  for (const [spec, why] of rows) equal(whyUnsuitable(claim, volume('v', '2Gi', spec)), why);
});
