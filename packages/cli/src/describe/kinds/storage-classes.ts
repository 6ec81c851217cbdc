import { type Shown, formatLabels } from '@fairway/kind-rules/shown';
import type { TopologySelectorTerm } from '@fairway/kinds/core/v1';
import { CSINode, StorageClass, VolumeAttributesClass } from '@fairway/kinds/storage/v1';
import { describerOf } from '../describer.ts';
import { type Lines, field, fieldOfLines, indented, lines, section } from '../lines.ts';
import { clusterHeadLines } from '../metadata-lines.ts';
import { timeText } from '../moment.ts';

/** Describes a storage class: who makes its volumes, and how. */
export const storageClass = describerOf<StorageClass>({
  resource: StorageClass,
  describe: (storage) => {
    const { metadata, mountOptions = [], allowVolumeExpansion, allowedTopologies } = storage;
    return lines(
      field('Name', metadata?.name ?? ''),
      field('IsDefaultClass', isDefault(storage) ? 'Yes' : 'No'),
      field('Annotations', formatLabels(metadata?.annotations)),
      field('Provisioner', storage.provisioner ?? ''),
      field('Parameters', formatLabels(storage.parameters)),
      field('AllowVolumeExpansion', truthText(allowVolumeExpansion)),
      mountOptions.length === 0
        ? field('MountOptions', '<none>')
        : section('MountOptions', mountOptions),
      storage.reclaimPolicy && field('ReclaimPolicy', storage.reclaimPolicy),
      storage.volumeBindingMode && field('VolumeBindingMode', storage.volumeBindingMode),
      allowedTopologies && topologyLines(allowedTopologies),
    );
  },
});

/** Describes a class of attributes of volumes. */
export const volumeAttributesClass = describerOf<VolumeAttributesClass>({
  resource: VolumeAttributesClass,
  describe: ({ metadata, driverName, parameters }) => [
    field('Name', metadata?.name ?? ''),
    field('Annotations', formatLabels(metadata?.annotations)),
    field('DriverName', driverName ?? ''),
    field('Parameters', formatLabels(parameters)),
  ],
});

/** Describes which storage drivers a node has. */
export const csiNode = describerOf<CSINode>({
  resource: CSINode,
  describe: (node, _, moment) => {
    const { metadata, spec } = node;
    return lines(
      clusterHeadLines(node),
      field('CreationTimestamp', timeText(metadata?.creationTimestamp, moment)),
      'Spec:',
      spec?.drivers && indented(section('Drivers', spec.drivers.flatMap(driverLines))),
    );
  },
});

type Driver = NonNullable<NonNullable<Shown<CSINode>['spec']>['drivers']>[number];

function driverLines({ name = '', nodeID = '', allocatable, topologyKeys }: Driver): Lines {
  const { count } = allocatable ?? {};
  return section(
    name,
    lines(
      field('Node ID', nodeID),
      count === undefined ? undefined : section('Allocatables', [field('Count', count)]),
      topologyKeys && field('Topology Keys', `[${topologyKeys.join(' ')}]`),
    ),
  );
}

function isDefault({ metadata }: Shown<StorageClass>): boolean {
  const { annotations = {} } = metadata ?? {};
  return ['storageclass.kubernetes.io', 'storageclass.beta.kubernetes.io'].some(
    (place) => annotations[`${place}/is-default-class`] === 'true',
  );
}

function truthText(value: boolean | undefined): string {
  if (value === undefined) return '<unset>';
  return value ? 'True' : 'False';
}

function topologyLines(terms: readonly Shown<TopologySelectorTerm>[]): Lines {
  if (terms.length === 0) return [field('AllowedTopologies', '<none>')];
  const each = terms.flatMap(({ matchLabelExpressions = [] }, at) =>
    fieldOfLines(
      `Term ${at}`,
      matchLabelExpressions.map(({ key = '', values = [] }) =>
        values.length === 0 ? `${key} in` : `${key} in [${values.join(', ')}]`,
      ),
    ),
  );
  return [field('AllowedTopologies', ''), ...indented(each)];
}
