import type { ReplicaSet, StatefulSet } from '@fairway/kinds/apps/v1';
import type {
  Namespace,
  PersistentVolume,
  PersistentVolumeClaim,
  ReplicationController,
  Service,
} from '@fairway/kinds/core/v1';
import type { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
} from '@fairway/kinds/storage/v1';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';

/** Objects of one kind by their keys. */
export interface Lookup<T extends KubernetesObject> {
  /** `key`: `shop/web-0`, or `node-7` without a namespace. */
  get(key: string): DeepReadonly<T> | undefined;
  objects(): Iterable<DeepReadonly<T>>;
}

/** To be found by their namespaces, too. */
export interface NamespacedLookup<T extends KubernetesObject> extends Lookup<T> {
  by(index: 'namespace', namespace: string): Iterable<DeepReadonly<T>>;
}

/** What decisions depend on beside nodes and pods: as informers have it. */
export interface ClusterObjects {
  readonly namespaces: Lookup<Namespace>;
  readonly services: NamespacedLookup<Service>;
  readonly replicationControllers: Lookup<ReplicationController>;
  readonly replicaSets: Lookup<ReplicaSet>;
  readonly statefulSets: Lookup<StatefulSet>;
  readonly budgets: Lookup<PodDisruptionBudget>;
  readonly claims: Lookup<PersistentVolumeClaim>;
  readonly volumes: Lookup<PersistentVolume>;
  readonly storageClasses: Lookup<StorageClass>;
  readonly csiNodes: Lookup<CSINode>;
  readonly csiDrivers: Lookup<CSIDriver>;
  readonly storageCapacities: Lookup<CSIStorageCapacity>;
}
