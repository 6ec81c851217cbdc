import type { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { TableColumns } from '../table-columns.ts';
import { classNameOf } from '../volumes/volume-annotations.ts';
import { accessModesText } from './access-modes.ts';
import { age, defineTable, name, text, wide } from './define-table.ts';
import { formatAmount } from './format-amount.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printPersistentVolume and printPersistentVolumeClaim. */
export const persistentVolumes: TableColumns = defineTable<PersistentVolume>([
  name,
  text('Capacity', 'Room on the volume.', ({ spec }) => formatAmount(spec?.capacity?.['storage'])),
  text('Access Modes', 'How it may be mounted.', ({ spec }) => accessModesText(spec?.accessModes)),
  text('Reclaim Policy', 'What happens when its claim is gone.', ({ spec }) => {
    return spec?.persistentVolumeReclaimPolicy ?? '';
  }),
  text('Status', 'How the volume is.', phase),
  text('Claim', 'Claim that has it.', ({ spec }) => {
    if (spec?.claimRef === undefined) return '';
    return `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`;
  }),
  text('StorageClass', 'Class that it is of.', classNameOf),
  text('VolumeAttributesClass', 'Class of its attributes.', ({ spec }) => {
    return spec?.volumeAttributesClassName ?? '<unset>';
  }),
  text('Reason', 'Why it is as it is.', ({ status }) => status?.reason ?? ''),
  age,
  wide(
    text('VolumeMode', 'File system or block device.', ({ spec }) => spec?.volumeMode ?? '<unset>'),
  ),
]);

export const persistentVolumeClaims: TableColumns = defineTable<PersistentVolumeClaim>([
  name,
  text('Status', 'How the claim is.', phase),
  text('Volume', 'Volume that it has.', ({ spec }) => spec?.volumeName ?? ''),
  text('Capacity', 'Room on the volume.', ({ spec, status }) => {
    return spec?.volumeName ? formatAmount(status?.capacity?.['storage']) : '';
  }),
  text('Access Modes', 'How the volume may be mounted.', ({ spec, status }) => {
    return spec?.volumeName ? accessModesText(status?.accessModes) : '';
  }),
  text('StorageClass', 'Class that it asks for.', classNameOf),
  text('VolumeAttributesClass', 'Class of attributes that it asks for.', ({ spec }) => {
    return spec?.volumeAttributesClassName ?? '<unset>';
  }),
  age,
  wide(
    text('VolumeMode', 'File system or block device.', ({ spec }) => spec?.volumeMode ?? '<unset>'),
  ),
]);

function phase({ metadata, status }: Shown<PersistentVolume | PersistentVolumeClaim>): string {
  return metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating';
}
