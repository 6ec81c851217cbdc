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
import type { DeepReadonly, KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { type Informer, type Informers, withoutManagedFields } from '@fairway/reconcile';
import type { ClusterObjects, Lookup } from '../snapshot/cluster-objects.ts';
import { type Selecting, keptNamespace, keptNode, keptPod, keptSelector } from './kept-objects.ts';

/** Everything that scheduling follows. */
export interface ClusterInformers {
  readonly nodes: Informer<Node>;
  /** Those that are not over. */
  readonly pods: Informer<Pod>;
  readonly others: { readonly [Kind in keyof ClusterObjects]: InformerOf<ClusterObjects[Kind]> };
}

type InformerOf<L> = L extends Lookup<infer T> ? Informer<T> : never;

/** Begins to follow a cluster, with the rights of `system:kube-scheduler` and `system:volume-scheduler`. */
export function clusterInformers(informers: Informers): ClusterInformers {
  const allNamespaces = true;
  const selectorsOf = <T extends Selecting>(kind: ResourceDescriptor<T>): Informer<T> =>
    informers.of(kind, { allNamespaces, keep: (object) => keptSelector(object as T) });
  const all = <T extends KubernetesObject>(kind: ResourceDescriptor<T>): Informer<T> =>
    informers.of(kind, {
      ...(kind.isNamespaced ? { allNamespaces } : {}),
      keep: withoutManagedFields,
    });
  const services = selectorsOf(Service);
  services.addIndex('namespace', namespaceOf);
  return {
    nodes: informers.of(Node, { keep: keptNode }),
    pods: informers.of(Pod, {
      allNamespaces,
      fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
      keep: keptPod,
    }),
    others: {
      namespaces: informers.of(Namespace, { keep: keptNamespace }),
      services,
      replicationControllers: selectorsOf(ReplicationController),
      replicaSets: selectorsOf(ReplicaSet),
      statefulSets: selectorsOf(StatefulSet),
      budgets: all(PodDisruptionBudget),
      claims: all(PersistentVolumeClaim),
      volumes: all(PersistentVolume),
      storageClasses: all(StorageClass),
      csiNodes: all(CSINode),
      csiDrivers: all(CSIDriver),
      storageCapacities: all(CSIStorageCapacity),
    },
  };
}

function namespaceOf({ metadata }: DeepReadonly<KubernetesObject>): string {
  return metadata?.namespace ?? '';
}
