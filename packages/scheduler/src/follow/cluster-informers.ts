import { ReplicaSet, StatefulSet } from '@fairway/kinds/apps/v1';
import {
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ReplicationController,
  Service,
} from '@fairway/kinds/core/v1';
import { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import { CSIDriver, CSINode, CSIStorageCapacity, StorageClass } from '@fairway/kinds/storage/v1';
import { type Informer, type Informers, leanInformer } from '@fairway/reconcile';
import type { ClusterObjects, Lookup } from '../snapshot/cluster-objects.ts';

/** Everything that scheduling follows. */
export interface ClusterInformers {
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  readonly others: { readonly [Kind in keyof ClusterObjects]: InformerOf<ClusterObjects[Kind]> };
}

type InformerOf<L> = L extends Lookup<infer T> ? Informer<T> : never;

/** Begins to follow a cluster, with the rights of `system:kube-scheduler` and `system:volume-scheduler`. */
export function clusterInformers(informers: Informers): ClusterInformers {
  return {
    nodes: leanInformer(informers, Node),
    pods: leanInformer(informers, Pod),
    others: {
      namespaces: leanInformer(informers, Namespace, { as: 'metadata' }),
      services: leanInformer(informers, Service),
      replicationControllers: leanInformer(informers, ReplicationController),
      replicaSets: leanInformer(informers, ReplicaSet),
      statefulSets: leanInformer(informers, StatefulSet),
      budgets: leanInformer(informers, PodDisruptionBudget),
      claims: leanInformer(informers, PersistentVolumeClaim),
      volumes: leanInformer(informers, PersistentVolume),
      storageClasses: leanInformer(informers, StorageClass),
      csiNodes: leanInformer(informers, CSINode),
      csiDrivers: leanInformer(informers, CSIDriver),
      storageCapacities: leanInformer(informers, CSIStorageCapacity),
    },
  };
}
