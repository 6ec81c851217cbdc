import type { EscalationGuard } from '@fairway/access';
import type { Clock, Random } from '@fairway/host';
import type { AdmissionPlugin } from './admission-plugin.ts';
import {
  certificateApproval,
  certificateConditionTimes,
  certificateRequester,
  certificateSigning,
  certificateSubjectRestriction,
} from './certificate-requests.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { priority } from './priority.ts';
import { roleEscalation } from './role-escalation.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account-admission.ts';
import { storageObjectInUseProtection } from './storage-object-protection.ts';
import { taintNodesByCondition } from './taint-new-node.ts';

/**
 * The admission of this server, in the order in which it is asked.
 * Source: kube-apiserver 1.36, recommended plugin order.
 */
export function admissionPlugins(
  cluster: ClusterReader,
  {
    clock,
    random,
    guard,
  }: { readonly clock: Clock; readonly random: Random; readonly guard: EscalationGuard },
): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle(cluster),
    serviceAccount(cluster, random),
    nodeRestriction(cluster, guard.authorizer),
    taintNodesByCondition,
    priority(cluster),
    defaultTolerationSeconds,
    defaultStorageClass(cluster),
    storageObjectInUseProtection,
    runtimeClass(cluster),
    certificateApproval(guard.authorizer),
    certificateSigning(guard.authorizer),
    certificateSubjectRestriction,
    defaultIngressClass(cluster),
    // In a kube-apiserver these three stand between admission and the store.
    roleEscalation(guard, cluster),
    certificateRequester,
    certificateConditionTimes(clock),
  ];
}
