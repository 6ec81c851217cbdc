import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '@fairway/protocol';
import { rowOf, tableNowMs } from '../../test/row-of.ts';
import type { TableColumns } from '../table-columns.ts';
import {
  csiDrivers,
  csiNodes,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,
} from './storage.ts';

function shownName(table: TableColumns, annotations: Readonly<Record<string, string>>): unknown {
  const object: KubernetesObject = { metadata: { name: 'x', annotations } };
  return table.cells(object, tableNowMs)[0];
}

test('storageClasses and volumeAttributesClasses mark the default', () => {
  const prefixes = ['storageclass.kubernetes.io', 'storageclass.beta.kubernetes.io'];
  const names = prefixes.map((prefix) =>
    shownName(storageClasses, { [`${prefix}/is-default-class`]: 'true' }),
  );
  deepEqual(names, ['x (default)', 'x (default)']);
  deepEqual(
    shownName(storageClasses, { 'storageclass.kubernetes.io/is-default-class': 'no' }),
    'x',
  );
  const alpha = { 'volumeattributesclass.alpha.kubernetes.io/is-default-class': 'true' };
  deepEqual(shownName(volumeAttributesClasses, alpha), 'x (default)');
});

test('storageClasses show how their volumes are made', () => {
  const row = { Provisioner: 'p', ReclaimPolicy: 'Delete', VolumeBindingMode: 'Immediate' };
  deepEqual(rowOf(storageClasses, { provisioner: 'p' }), { ...row, AllowVolumeExpansion: false });
});

test('volumeAttachments show what is attached where', () => {
  const spec = {
    attacher: 'csi.example.org',
    nodeName: 'n1',
    source: { persistentVolumeName: 'pv' },
  };
  deepEqual(rowOf(volumeAttachments, { spec, status: { attached: true } }), {
    Attacher: 'csi.example.org',
    PV: 'pv',
    Node: 'n1',
    Attached: true,
  });
});

test('csiDrivers show what the driver asks for, or what holds without asking', () => {
  const asked = { tokenRequests: [{ audience: 'a' }, { audience: 'b' }], podInfoOnMount: true };
  const defaults = { AttachRequired: true, StorageCapacity: false, RequiresRepublish: false };
  deepEqual(rowOf(csiDrivers, { spec: { ...asked, volumeLifecycleModes: ['Ephemeral'] } }), {
    ...defaults,
    PodInfoOnMount: true,
    TokenRequests: 'a,b',
    Modes: 'Ephemeral',
  });
  deepEqual(rowOf(csiDrivers, {}), {
    ...defaults,
    PodInfoOnMount: false,
    TokenRequests: '<unset>',
    Modes: '<none>',
  });
});

test('csiNodes count drivers', () => {
  deepEqual(rowOf(csiNodes, { spec: { drivers: [{}, {}] } }), { Drivers: 2 });
});
