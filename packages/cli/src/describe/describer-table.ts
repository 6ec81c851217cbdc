import type { GroupVersion, ResourceDescriptor } from '@fairway/protocol';
import type { Describer } from './describer.ts';
import { anyObject } from './kinds/any-object.ts';

/** The describer of a kind; it is loaded with the first object of the kind, and no other is. */
export async function describerFor(resource: ResourceDescriptor): Promise<Describer> {
  const load = describers[keyOf(resource)];
  return load === undefined ? anyObject(resource) : await load();
}

function keyOf({ kind, group }: Pick<GroupVersion & ResourceDescriptor, 'group' | 'kind'>): string {
  return group === '' ? kind : `${kind}.${group}`;
}

/** Whoever is not here is described by all its fields. */
const describers: Readonly<Record<string, () => Promise<Describer>>> = {
  ConfigMap: async () => (await import('./kinds/configuration.ts')).configMap,
  Secret: async () => (await import('./kinds/configuration.ts')).secret,
  ServiceAccount: async () => (await import('./kinds/configuration.ts')).serviceAccount,
  Pod: async () => (await import('./kinds/pods.ts')).pod,
  Node: async () => (await import('./kinds/nodes.ts')).node,
  Namespace: async () => (await import('./kinds/namespaces.ts')).namespace,
  ResourceQuota: async () => (await import('./kinds/quotas.ts')).resourceQuota,
  LimitRange: async () => (await import('./kinds/quotas.ts')).limitRange,
  ReplicationController: async () =>
    (await import('./kinds/replica-sets.ts')).replicationController,
  'ReplicaSet.apps': async () => (await import('./kinds/replica-sets.ts')).replicaSet,
  'Deployment.apps': async () => (await import('./kinds/deployments.ts')).deployment,
  'StatefulSet.apps': async () => (await import('./kinds/stateful-sets.ts')).statefulSet,
  'DaemonSet.apps': async () => (await import('./kinds/daemon-sets.ts')).daemonSet,
  'Job.batch': async () => (await import('./kinds/jobs.ts')).job,
  'CronJob.batch': async () => (await import('./kinds/jobs.ts')).cronJob,
  'HorizontalPodAutoscaler.autoscaling': async () =>
    (await import('./kinds/autoscalers.ts')).horizontalPodAutoscaler,
  'PodDisruptionBudget.policy': async () =>
    (await import('./kinds/disruption-budgets.ts')).podDisruptionBudget,
  Service: async () => (await import('./kinds/services.ts')).service,
  Endpoints: async () => (await import('./kinds/endpoints.ts')).endpoints,
  'EndpointSlice.discovery.k8s.io': async () =>
    (await import('./kinds/endpoints.ts')).endpointSlice,
  'Ingress.networking.k8s.io': async () => (await import('./kinds/ingresses.ts')).ingress,
  'IngressClass.networking.k8s.io': async () => (await import('./kinds/ingresses.ts')).ingressClass,
  'NetworkPolicy.networking.k8s.io': async () =>
    (await import('./kinds/network-policies.ts')).networkPolicy,
  'ServiceCIDR.networking.k8s.io': async () =>
    (await import('./kinds/service-networks.ts')).serviceCidr,
  'IPAddress.networking.k8s.io': async () =>
    (await import('./kinds/service-networks.ts')).ipAddress,
  PersistentVolume: async () => (await import('./kinds/persistent-volumes.ts')).persistentVolume,
  PersistentVolumeClaim: async () =>
    (await import('./kinds/persistent-volume-claims.ts')).persistentVolumeClaim,
  'StorageClass.storage.k8s.io': async () =>
    (await import('./kinds/storage-classes.ts')).storageClass,
  'VolumeAttributesClass.storage.k8s.io': async () =>
    (await import('./kinds/storage-classes.ts')).volumeAttributesClass,
  'CSINode.storage.k8s.io': async () => (await import('./kinds/storage-classes.ts')).csiNode,
  'PriorityClass.scheduling.k8s.io': async () =>
    (await import('./kinds/priority-classes.ts')).priorityClass,
  'CertificateSigningRequest.certificates.k8s.io': async () =>
    (await import('./kinds/certificate-requests.ts')).certificateSigningRequest,
  'Role.rbac.authorization.k8s.io': async () => (await import('./kinds/rbac.ts')).role,
  'ClusterRole.rbac.authorization.k8s.io': async () =>
    (await import('./kinds/rbac.ts')).clusterRole,
  'RoleBinding.rbac.authorization.k8s.io': async () =>
    (await import('./kinds/rbac.ts')).roleBinding,
  'ClusterRoleBinding.rbac.authorization.k8s.io': async () =>
    (await import('./kinds/rbac.ts')).clusterRoleBinding,
};
