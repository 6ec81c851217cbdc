import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { persistentVolumeClaims, persistentVolumes } from './volumes.ts';

const deleted = { deletionTimestamp: '2026-11-22T11:59:00Z' };

test('persistentVolumes show room, modes and claim', () => {
  const spec = {
    capacity: { storage: '1024Mi' },
    accessModes: ['ReadWriteMany', 'ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod'],
    persistentVolumeReclaimPolicy: 'Retain',
    claimRef: { namespace: 'db', name: 'data' },
    storageClassName: 'fast',
    volumeMode: 'Block',
  };
  const status = { phase: 'Bound', reason: 'why' };
  deepEqual(rowOf(persistentVolumes, { spec, status }), {
    Capacity: '1Gi',
    'Access Modes': 'RWO,RWX,RWOP',
    'Reclaim Policy': 'Retain',
    Status: 'Bound',
    Claim: 'db/data',
    StorageClass: 'fast',
    VolumeAttributesClass: '<unset>',
    Reason: 'why',
    VolumeMode: 'Block',
  });
  equal(rowOf(persistentVolumes, { metadata: deleted, status })['Status'], 'Terminating');
});

test('persistentVolumeClaims show a volume once they have one', () => {
  const capacity = { capacity: { storage: '2Gi' }, accessModes: ['ReadOnlyMany'] };
  const shown = (spec: object) => {
    const row = rowOf(persistentVolumeClaims, { spec, status: { phase: 'Bound', ...capacity } });
    return [row['Status'], row['Volume'], row['Capacity'], row['Access Modes']];
  };
  deepEqual(shown({}), ['Bound', '', '', '']);
  deepEqual(shown({ volumeName: 'pv1' }), ['Bound', 'pv1', '2Gi', 'ROX']);
  equal(rowOf(persistentVolumeClaims, { metadata: deleted })['Status'], 'Terminating');
});

test('persistentVolumeClaims show the class of the older annotation first', () => {
  const annotations = { 'volume.beta.kubernetes.io/storage-class': 'old' };
  const claim = { metadata: { annotations }, spec: { storageClassName: 'new' } };
  equal(rowOf(persistentVolumeClaims, claim)['StorageClass'], 'old');
});
