import type { EscalationGuard } from '@fairway/access';
import type { Clock, Random } from '@fairway/host';
import type { Handler } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { AdmissionRegistrations } from './admission-registrations.ts';
import { alwaysAdmit, alwaysDeny } from './always-deny.ts';
import { alwaysPullImages } from './always-pull-images.ts';
import { denyServiceExternalIps } from './deny-service-external-ips.ts';
import type { AdmissionConfigurations } from './configurations/read-configurations.ts';
import { eventRateLimit } from './event-rate-limit.ts';
import { extendedResourceToleration } from './extended-resource-toleration.ts';
import { hardAntiAffinityTopology } from './hard-anti-affinity-topology.ts';
import { namespaceAutoProvision, namespaceExists } from './missing-namespaces.ts';
import { ownerReferencePermissions } from './owner-reference-permissions.ts';
import { podNodeSelector } from './pod-node-selector.ts';
import { podResizeValidator } from './pod-resize-validator.ts';
import { podTolerationRestriction } from './pod-toleration-restriction.ts';
import {
  certificateApproval,
  certificateConditionTimes,
  certificateRequester,
  certificateSigning,
  certificateSubjectRestriction,
} from './certificate-requests.ts';
import type { BuiltInSchemas } from '@fairway/kinds/schema';
import type { StoredFacts } from '../reads/stored-facts.ts';
import { offByDefault } from './default-plugins.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitRanger } from './limit-ranger/limit-ranger.ts';
import { mutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { podSecurity } from './pod-security/pod-security.ts';
import { podTopologyLabels } from './pod-topology-labels.ts';
import { priority } from './priority.ts';
import { type ResourceQuotaParts, resourceQuota } from './resource-quota/resource-quota.ts';
import { roleEscalation } from './role-escalation.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account-admission.ts';
import { storageObjectInUseProtection } from './storage-object-protection.ts';
import { taintNodesByCondition } from './taint-new-node.ts';
import { unprivilegedContainers } from './unprivileged-containers.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';
import type { AdmissionWebhooks } from './webhooks/admission-webhooks.ts';

export interface AdmissionParts extends ResourceQuotaParts {
  readonly facts: StoredFacts;
  readonly schemas: BuiltInSchemas;
  readonly registrations: AdmissionRegistrations;
  readonly clock: Clock;
  readonly random: Random;
  readonly guard: EscalationGuard;
  readonly webhooks: AdmissionWebhooks;
  /** Answers requests as the server itself, once it runs. */
  readonly asServer: () => Handler;
  readonly configurations: AdmissionConfigurations;
}

/**
 * What can be switched on and off, by the names of a kube-apiserver, in the order in which it is asked.
 * Source: kube-apiserver 1.36, recommended plugin order.
 */
const switchable: Readonly<Record<string, (parts: AdmissionParts) => AdmissionPlugin>> = {
  AlwaysAdmit: () => alwaysAdmit,
  NamespaceAutoProvision: ({ cluster, asServer }) => namespaceAutoProvision(cluster, asServer),
  NamespaceLifecycle: ({ cluster }) => namespaceLifecycle(cluster),
  NamespaceExists: ({ cluster }) => namespaceExists(cluster),
  LimitPodHardAntiAffinityTopology: () => hardAntiAffinityTopology,
  LimitRanger: ({ limits }) => limitRanger(limits),
  ServiceAccount: ({ cluster, random }) => serviceAccount(cluster, random),
  NodeRestriction: ({ cluster, guard }) => nodeRestriction(cluster, guard.authorizer),
  TaintNodesByCondition: () => taintNodesByCondition,
  AlwaysPullImages: () => alwaysPullImages,
  PodSecurity: (parts) => podSecurity(parts, parts.configurations.PodSecurity),
  PodNodeSelector: ({ cluster, configurations }) =>
    podNodeSelector(cluster, configurations.PodNodeSelector),
  Priority: ({ cluster }) => priority(cluster),
  DefaultTolerationSeconds: () => defaultTolerationSeconds,
  PodTolerationRestriction: ({ cluster, configurations }) =>
    podTolerationRestriction(cluster, configurations.PodTolerationRestriction),
  EventRateLimit: ({ clock, configurations }) =>
    eventRateLimit(clock, configurations.EventRateLimit ?? []),
  ExtendedResourceToleration: () => extendedResourceToleration,
  DefaultStorageClass: ({ cluster }) => defaultStorageClass(cluster),
  StorageObjectInUseProtection: () => storageObjectInUseProtection,
  OwnerReferencesPermissionEnforcement: ({ guard, registry }) =>
    ownerReferencePermissions(guard.authorizer, registry),
  PersistentVolumeClaimResize: ({ cluster }) => persistentVolumeClaimResize(cluster),
  RuntimeClass: ({ cluster }) => runtimeClass(cluster),
  CertificateApproval: ({ guard }) => certificateApproval(guard.authorizer),
  CertificateSigning: ({ guard }) => certificateSigning(guard.authorizer),
  CertificateSubjectRestriction: () => certificateSubjectRestriction,
  DefaultIngressClass: ({ cluster }) => defaultIngressClass(cluster),
  DenyServiceExternalIPs: () => denyServiceExternalIps,
  PodTopologyLabels: ({ cluster }) => podTopologyLabels(cluster),
  PodResizeValidator: ({ cluster }) => podResizeValidator(cluster),
  MutatingAdmissionPolicy: ({ registrations, guard, ...parts }) =>
    mutatingAdmissionPolicy(registrations, { ...parts, authorizer: guard.authorizer }),
  MutatingAdmissionWebhook: ({ webhooks }) => webhooks.mutatingPlugin,
  ValidatingAdmissionPolicy: ({ registrations, guard, ...parts }) =>
    validatingAdmissionPolicy(registrations, { ...parts, authorizer: guard.authorizer }),
  ValidatingAdmissionWebhook: ({ webhooks }) => webhooks.validatingPlugin,
  ResourceQuota: (parts) => resourceQuota(parts, parts.configurations.ResourceQuota),
  AlwaysDeny: () => alwaysDeny,
};

/** Those of a kube-apiserver that this server has, too. */
export const builtAdmissionPlugins: readonly string[] = Object.keys(switchable);

/** The admission of this server, in the order in which it is asked. */
export function admissionPlugins(
  parts: AdmissionParts,
  {
    enabledAdmissionPlugins: enabled = [],
    disabledAdmissionPlugins: disabled = [],
    allowsPrivileged = true,
  }: {
    readonly enabledAdmissionPlugins?: readonly string[];
    readonly disabledAdmissionPlugins?: readonly string[];
    readonly allowsPrivileged?: boolean;
  },
): readonly AdmissionPlugin[] {
  const isOn = (name: string): boolean =>
    !disabled.includes(name) && (isOnByDefault(name) || enabled.includes(name));
  const chosen = Object.entries(switchable).filter(([name]) => isOn(name));
  return [
    // Validation in a kube-apiserver, which knows its flags there.
    ...(allowsPrivileged ? [] : [unprivilegedContainers]),
    ...chosen.map(([, make]) => make(parts)),
    // In a kube-apiserver these three stand between admission and the store.
    roleEscalation(parts.guard, parts.cluster),
    certificateRequester,
    certificateConditionTimes(parts.clock),
  ];
}

/** `NodeRestriction` is off in a kube-apiserver, and here only where flags say so. */
function isOnByDefault(name: string): boolean {
  return name === 'NodeRestriction' || !offByDefault.includes(name);
}
