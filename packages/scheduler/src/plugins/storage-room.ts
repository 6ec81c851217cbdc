import type { PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { StorageClass } from '@fairway/kinds/storage/v1';
import {
  type DeepReadonly,
  matchesLabelSelector,
  parseQuantity,
  writtenSelector,
} from '@fairway/protocol';
import type { ClusterObjects } from '../snapshot/cluster-objects.ts';
import type { NodeFacts } from '../snapshot/node-facts.ts';

/**
 * Whether the storage that a node reaches has room for a new volume. Drivers that do not tell have.
 *
 * Source: Kubernetes documentation, storage capacity.
 */
export function hasRoomFor(
  claim: DeepReadonly<PersistentVolumeClaim>,
  {
    storageClass,
    node,
    objects,
  }: {
    readonly storageClass: DeepReadonly<StorageClass>;
    readonly node: NodeFacts;
    readonly objects: ClusterObjects;
  },
): boolean {
  const wanted = nanosOf(claim.spec?.resources?.requests?.['storage']);
  const driver = objects.csiDrivers.get(storageClass.provisioner);
  if (wanted === undefined || driver?.spec?.storageCapacity !== true) return true;
  for (const each of objects.storageCapacities.objects()) {
    if (each.storageClassName !== storageClass.metadata?.name) continue;
    const room = nanosOf(each.maximumVolumeSize ?? each.capacity);
    if (room === undefined || room < wanted) continue;
    const topology = writtenSelector(each.nodeTopology);
    if (topology !== undefined && matchesLabelSelector(topology, node.labels)) return true;
  }
  return false;
}

function nanosOf(text: string | number | undefined): bigint | undefined {
  return text === undefined ? undefined : parseQuantity(String(text))?.nanos;
}
