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
    informers.of(kind, {
      allNamespaces,
      index: { namespace: namespaceOf },
      keep: (object) => keptSelector(object as T),
    });
  const all = <T extends KubernetesObject>(kind: ResourceDescriptor<T>): Informer<T> =>
    informers.of(kind, {
      ...(kind.isNamespaced ? { allNamespaces } : {}),
      keep: withoutManagedFields,
    });
  return {
    nodes: informers.of(Node, { keep: keptNode }),
    pods: informers.of(Pod, {
      allNamespaces,
      fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
      keep: keptPod,
    }),
    others: {
      namespaces: informers.of(Namespace, { keep: keptNamespace }),
      services: selectorsOf(Service),
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

/** What informers have, as scheduling looks it up. */
export function lookups({ others }: ClusterInformers): ClusterObjects {
  return {
    namespaces: lookup(others.namespaces),
    services: lookup(others.services),
    replicationControllers: lookup(others.replicationControllers),
    replicaSets: lookup(others.replicaSets),
    statefulSets: lookup(others.statefulSets),
    budgets: lookup(others.budgets),
    claims: lookup(others.claims),
    volumes: lookup(others.volumes),
    storageClasses: lookup(others.storageClasses),
    csiNodes: lookup(others.csiNodes),
    csiDrivers: lookup(others.csiDrivers),
    storageCapacities: lookup(others.storageCapacities),
  };
}

function lookup<T extends KubernetesObject>(informer: Informer<T>): Lookup<T> {
  return {
    get: (key) => informer.get(key),
    objects: () => informer.objects(),
    inNamespace: (namespace) => informer.by('namespace', namespace),
  };
}

function namespaceOf({ metadata }: DeepReadonly<KubernetesObject>): string {
  return metadata?.namespace ?? '';
}
