import type {
  CSIDriver,
  CSINode,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '@fairway/kinds/storage/v1';
import type { KubernetesObject } from '@fairway/protocol';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, flag, integer, name, text } from './define-table.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printStorageClass, printCSIDriver and their neighbours. */
export const storageClasses: TableColumns = defineTable<StorageClass>([
  {
    ...name,
    cell: (object) =>
      nameWithDefault(object, [
        'storageclass.kubernetes.io/is-default-class',
        'storageclass.beta.kubernetes.io/is-default-class',
      ]),
  },
  text('Provisioner', 'What makes its volumes.', ({ provisioner }) => provisioner ?? ''),
  text('ReclaimPolicy', 'What happens to a volume without its claim.', ({ reclaimPolicy }) => {
    return reclaimPolicy ?? 'Delete';
  }),
  text('VolumeBindingMode', 'When a claim gets its volume.', ({ volumeBindingMode }) => {
    return volumeBindingMode ?? 'Immediate';
  }),
  text('AllowVolumeExpansion', 'Whether volumes may grow.', ({ allowVolumeExpansion }) => {
    return allowVolumeExpansion ?? false;
  }),
  age,
]);

export const volumeAttributesClasses: TableColumns = defineTable<VolumeAttributesClass>([
  {
    ...name,
    cell: (object) =>
      nameWithDefault(object, ['volumeattributesclass.alpha.kubernetes.io/is-default-class']),
  },
  text('DriverName', 'Driver that knows the attributes.', ({ driverName }) => driverName ?? ''),
  age,
]);

export const volumeAttachments: TableColumns = defineTable<VolumeAttachment>([
  name,
  {
    ...text<Shown<VolumeAttachment>>('Attacher', 'Driver that attaches it.', ({ spec }) => {
      return spec?.attacher ?? '';
    }),
    format: 'name',
  },
  text('PV', 'Volume to attach.', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
  text('Node', 'Node to attach it to.', ({ spec }) => spec?.nodeName ?? ''),
  flag('Attached', 'Whether it is attached.', ({ status }) => status?.attached ?? false),
  age,
]);

export const csiDrivers: TableColumns = defineTable<CSIDriver>([
  name,
  flag('AttachRequired', 'Whether volumes must be attached first.', ({ spec }) => {
    return spec?.attachRequired ?? true;
  }),
  flag('PodInfoOnMount', 'Whether the driver is told of the pod.', ({ spec }) => {
    return spec?.podInfoOnMount ?? false;
  }),
  flag('StorageCapacity', 'Whether it says how much room there is.', ({ spec }) => {
    return spec?.storageCapacity ?? false;
  }),
  text('TokenRequests', 'Audiences of the tokens that it gets.', ({ spec }) => {
    return spec?.tokenRequests?.map(({ audience = '' }) => audience).join(',') ?? '<unset>';
  }),
  flag('RequiresRepublish', 'Whether it is asked again and again to publish.', ({ spec }) => {
    return spec?.requiresRepublish ?? false;
  }),
  text('Modes', 'For how long its volumes may live.', ({ spec }) => {
    return (spec?.volumeLifecycleModes ?? []).join(',') || '<none>';
  }),
  age,
]);

export const csiNodes: TableColumns = defineTable<CSINode>([
  name,
  integer('Drivers', 'Drivers on the node.', ({ spec }) => (spec?.drivers ?? []).length),
  age,
]);

/** Says of the class that is taken when none is asked for that it is. */
function nameWithDefault(
  { metadata }: Shown<KubernetesObject>,
  annotations: readonly string[],
): string {
  const isDefault = annotations.some((each) => metadata?.annotations?.[each] === 'true');
  return `${metadata?.name ?? ''}${isDefault ? ' (default)' : ''}`;
}
