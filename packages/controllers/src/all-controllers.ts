import type { Controller } from '@fairway/reconcile';
import { policyStatus } from './admission-policies/policy-status.ts';
import { autoscale } from './autoscaling/autoscale.ts';
import { approveRequests } from './certificate-requests/approve-requests.ts';
import { approveServing } from './certificate-requests/approve-serving.ts';
import { cleanRequests } from './certificate-requests/clean-requests.ts';
import { signRequests } from './certificate-requests/sign-requests.ts';
import { signClusterInfo } from './bootstrap-tokens/sign-cluster-info.ts';
import { cleanTokens } from './bootstrap-tokens/token-cleaner.ts';
import { clusterRoles } from './cluster-roles/cluster-roles.ts';
import type { ControllerParts } from './controller-parts.ts';
import { daemonSets } from './daemon-sets/daemon-sets.ts';
import { cronJobs } from './cron-jobs/cron-jobs.ts';
import { deployments } from './deployments/deployments.ts';
import { mirrorEndpoints } from './endpoint-mirroring/mirror-endpoints.ts';
import { endpointSlices } from './endpoint-slices/endpoint-slices.ts';
import { endpoints } from './endpoints/endpoints.ts';
import { finishedJobs } from './finished-jobs/finished-jobs.ts';
import { disruptionBudgets } from './disruption-budgets/disruption-budgets.ts';
import { garbage } from './garbage/garbage.ts';
import { cleanTokenSecrets } from './legacy-tokens/clean-token-secrets.ts';
import { jobs } from './jobs/jobs.ts';
import { loadBalancers } from './load-balancers/load-balancers.ts';
import { fillTokenSecrets } from './legacy-tokens/fill-token-secrets.ts';
import { nodeIpam } from './node-ipam/node-ipam.ts';
import { nodeLifecycle } from './node-lifecycle/node-lifecycle.ts';
import { namespaces } from './namespaces/namespaces.ts';
import { nodeTtl } from './node-ttl/node-ttl.ts';
import { podGarbage } from './pod-garbage/pod-garbage.ts';
import { replicaSets, replicationControllers } from './replica-sets/replica-sets.ts';
import { resourceQuotas } from './resource-quotas/resource-quotas.ts';
import { rootCa } from './root-ca/root-ca.ts';
import { serviceAccounts } from './service-accounts/service-accounts.ts';
import { statefulSets } from './stateful-sets/stateful-sets.ts';
import { ephemeralClaims } from './volumes/ephemeral-claims.ts';
import { expandClaims } from './volumes/expand-claims.ts';
import { localPath } from './local-path/local-path.ts';
import { persistentVolumes } from './volumes/persistent-volumes.ts';
import { claimProtection, volumeProtection } from './storage-protection/storage-protection.ts';
import { taintEviction } from './taint-eviction/taint-eviction.ts';

/** A controller of the cluster. */
export interface ClusterController {
  /** As kube-controller-manager calls it: in `--controllers`, in the log and in events. */
  readonly name: string;
  /** What it was called until Kubernetes 1.27; `--controllers` takes both. */
  readonly alias: string;
  /** As whom it acts; as the controller manager itself when absent. Its roles are those of a new cluster. */
  readonly serviceAccount?: string;
  /** What its events name as their source; `name` when absent. */
  readonly eventComponent?: string;
  /** `*` does not stand for it: it runs when it is named. */
  readonly isOffByDefault?: boolean;
  /** Answers undefined where the cluster gives it nothing to work with. */
  readonly create: (parts: ControllerParts) => Controller | undefined;
}

/**
 * Every controller of the cluster.
 *
 * Source of the names: kube-controller-manager, `--controllers`; `local-path-provisioner-controller` and
 * `kubelet-serving-approving-controller` are add-ons.
 */
export const allControllers: readonly ClusterController[] = [
  {
    name: 'serviceaccount-controller',
    alias: 'serviceaccount',
    serviceAccount: 'service-account-controller',
    create: serviceAccounts,
  },
  {
    name: 'serviceaccount-token-controller',
    alias: 'serviceaccount-token',
    create: fillTokenSecrets,
  },
  {
    name: 'legacy-serviceaccount-token-cleaner-controller',
    alias: 'legacy-service-account-token-cleaner',
    serviceAccount: 'legacy-service-account-token-cleaner',
    create: cleanTokenSecrets,
  },
  {
    name: 'root-ca-certificate-publisher-controller',
    alias: 'root-ca-cert-publisher',
    serviceAccount: 'root-ca-cert-publisher',
    create: rootCa,
  },
  {
    name: 'clusterrole-aggregation-controller',
    alias: 'clusterrole-aggregation',
    serviceAccount: 'clusterrole-aggregation-controller',
    create: clusterRoles,
  },
  {
    name: 'certificatesigningrequest-approving-controller',
    alias: 'csrapproving',
    serviceAccount: 'certificate-controller',
    create: approveRequests,
  },
  {
    name: 'kubelet-serving-approving-controller',
    alias: 'kubelet-serving-approving',
    serviceAccount: 'certificate-controller',
    create: approveServing,
  },
  {
    name: 'certificatesigningrequest-signing-controller',
    alias: 'csrsigning',
    serviceAccount: 'certificate-controller',
    create: signRequests,
  },
  {
    name: 'certificatesigningrequest-cleaner-controller',
    alias: 'csrcleaner',
    serviceAccount: 'certificate-controller',
    create: cleanRequests,
  },
  {
    name: 'deployment-controller',
    alias: 'deployment',
    serviceAccount: 'deployment-controller',
    create: deployments,
  },
  {
    name: 'replicaset-controller',
    alias: 'replicaset',
    serviceAccount: 'replicaset-controller',
    create: replicaSets,
  },
  {
    name: 'replicationcontroller-controller',
    alias: 'replicationcontroller',
    serviceAccount: 'replication-controller',
    eventComponent: 'replication-controller',
    create: replicationControllers,
  },
  {
    name: 'horizontal-pod-autoscaler-controller',
    alias: 'horizontalpodautoscaling',
    serviceAccount: 'horizontal-pod-autoscaler',
    eventComponent: 'horizontal-pod-autoscaler',
    create: autoscale,
  },
  {
    name: 'endpoints-controller',
    alias: 'endpoint',
    serviceAccount: 'endpoint-controller',
    eventComponent: 'endpoint-controller',
    create: endpoints,
  },
  {
    name: 'endpointslice-controller',
    alias: 'endpointslice',
    serviceAccount: 'endpointslice-controller',
    eventComponent: 'endpoint-slice-controller',
    create: endpointSlices,
  },
  {
    name: 'endpointslice-mirroring-controller',
    alias: 'endpointslicemirroring',
    serviceAccount: 'endpointslicemirroring-controller',
    eventComponent: 'endpoint-slice-mirroring-controller',
    create: mirrorEndpoints,
  },
  {
    name: 'service-lb-controller',
    alias: 'service',
    serviceAccount: 'service-controller',
    eventComponent: 'service-controller',
    create: loadBalancers,
  },
  {
    name: 'daemonset-controller',
    alias: 'daemonset',
    serviceAccount: 'daemon-set-controller',
    create: daemonSets,
  },
  {
    name: 'statefulset-controller',
    alias: 'statefulset',
    serviceAccount: 'statefulset-controller',
    create: statefulSets,
  },
  {
    name: 'job-controller',
    alias: 'job',
    serviceAccount: 'job-controller',
    create: jobs,
  },
  {
    name: 'cronjob-controller',
    alias: 'cronjob',
    serviceAccount: 'cronjob-controller',
    create: cronJobs,
  },
  {
    name: 'ttl-after-finished-controller',
    alias: 'ttl-after-finished',
    serviceAccount: 'ttl-after-finished-controller',
    create: finishedJobs,
  },
  {
    name: 'disruption-controller',
    alias: 'disruption',
    serviceAccount: 'disruption-controller',
    eventComponent: 'controllermanager',
    create: disruptionBudgets,
  },
  {
    name: 'node-ipam-controller',
    alias: 'nodeipam',
    serviceAccount: 'node-controller',
    eventComponent: 'cidrAllocator',
    create: nodeIpam,
  },
  {
    name: 'node-lifecycle-controller',
    alias: 'nodelifecycle',
    serviceAccount: 'node-controller',
    eventComponent: 'node-controller',
    create: nodeLifecycle,
  },
  {
    // Younger than the others: a kube-controller-manager has no alias for it.
    name: 'taint-eviction-controller',
    alias: 'taint-eviction',
    serviceAccount: 'node-controller',
    create: taintEviction,
  },
  {
    name: 'ttl-controller',
    alias: 'ttl',
    serviceAccount: 'ttl-controller',
    create: nodeTtl,
  },
  {
    name: 'pod-garbage-collector-controller',
    alias: 'podgc',
    serviceAccount: 'pod-garbage-collector',
    create: podGarbage,
  },
  {
    name: 'resourcequota-controller',
    alias: 'resourcequota',
    serviceAccount: 'resourcequota-controller',
    create: resourceQuotas,
  },
  {
    name: 'namespace-controller',
    alias: 'namespace',
    serviceAccount: 'namespace-controller',
    create: namespaces,
  },
  {
    name: 'garbage-collector-controller',
    alias: 'garbagecollector',
    serviceAccount: 'generic-garbage-collector',
    create: garbage,
  },
  {
    name: 'persistentvolume-binder-controller',
    alias: 'persistentvolume-binder',
    serviceAccount: 'persistent-volume-binder',
    eventComponent: 'persistentvolume-controller',
    create: persistentVolumes,
  },
  {
    name: 'persistentvolume-expander-controller',
    alias: 'persistentvolume-expander',
    serviceAccount: 'expand-controller',
    eventComponent: 'volume_expand',
    create: expandClaims,
  },
  {
    name: 'ephemeral-volume-controller',
    alias: 'ephemeral-volume',
    serviceAccount: 'ephemeral-volume-controller',
    eventComponent: 'ephemeral_volume',
    create: ephemeralClaims,
  },
  {
    name: 'local-path-provisioner-controller',
    alias: 'local-path-provisioner',
    serviceAccount: 'local-path-provisioner',
    eventComponent: 'fairway.dev/local-path',
    create: localPath,
  },
  {
    name: 'persistentvolumeclaim-protection-controller',
    alias: 'pvc-protection',
    serviceAccount: 'pvc-protection-controller',
    create: claimProtection,
  },
  {
    name: 'persistentvolume-protection-controller',
    alias: 'pv-protection',
    serviceAccount: 'pv-protection-controller',
    create: volumeProtection,
  },
  {
    name: 'validatingadmissionpolicy-status-controller',
    alias: 'validatingadmissionpolicy-status',
    serviceAccount: 'validatingadmissionpolicy-status-controller',
    create: policyStatus,
  },
  {
    name: 'bootstrap-signer-controller',
    alias: 'bootstrapsigner',
    serviceAccount: 'bootstrap-signer',
    isOffByDefault: true,
    create: signClusterInfo,
  },
  {
    name: 'token-cleaner-controller',
    alias: 'tokencleaner',
    serviceAccount: 'token-cleaner',
    isOffByDefault: true,
    create: cleanTokens,
  },
];
