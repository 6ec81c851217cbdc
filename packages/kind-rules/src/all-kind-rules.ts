import { checkDnsSubdomain, type KubernetesObject } from '@fairway/protocol';

import { warningsOf } from './all-kind-warnings.ts';
import { boundErrors } from './bound-errors.ts';
import type { KindRules } from './kind-rules.ts';
import {
  mutatingAdmissionPolicyBindingRules,
  mutatingAdmissionPolicyRules,
  validatingAdmissionPolicyBindingRules,
  validatingAdmissionPolicyRules,
} from './rules/admission-policies.ts';
import { apiServiceRules } from './rules/api-services.ts';
import { certificateSigningRequestRules } from './rules/certificate-signing-requests.ts';
import { csiDriverRules, csiNodeRules, csiStorageCapacityRules } from './rules/csi-drivers.ts';
import { storageClassRules, volumeAttributesClassRules } from './rules/storage-classes.ts';
import { volumeAttachmentRules } from './rules/volume-attachments.ts';
import { cronJobRules } from './rules/cron-jobs.ts';
import { flowSchemaRules, priorityLevelConfigurationRules } from './rules/flow-control.ts';
import { ingressClassRules } from './rules/ingress-classes.ts';
import { ingressRules } from './rules/ingresses.ts';
import { networkPolicyRules } from './rules/network-policies.ts';
import { bindingRules, controllerRevisionRules, podTemplateRules } from './rules/pod-templates.ts';
import { ipAddressRules, serviceCidrRules } from './rules/service-networks.ts';
import {
  mutatingWebhookConfigurationRules,
  validatingWebhookConfigurationRules,
} from './rules/webhook-configurations.ts';
import { horizontalPodAutoscalerRules } from './rules/horizontal-pod-autoscalers.ts';
import { podDisruptionBudgetRules } from './rules/pod-disruption-budgets.ts';
import {
  leaseRules,
  priorityClassRules,
  runtimeClassRules,
  serviceAccountRules,
} from './rules/classes.ts';
import { configMapRules, secretRules } from './rules/config-data.ts';
import { customResourceDefinitionRules } from './rules/custom-resource-definitions.ts';
import { daemonSetRules } from './rules/daemon-sets.ts';
import { withoutDisabledPodFields } from './rules/disabled-pod-fields.ts';
import { deploymentRules } from './rules/deployments.ts';
import {
  deviceClassRules,
  resourceClaimRules,
  resourceClaimTemplateRules,
} from './rules/device-claims.ts';
import { resourceSliceRules } from './rules/resource-slices.ts';
import { endpointSliceRules, endpointsRules } from './rules/endpoints.ts';
import { eventRules, renamedEventRules } from './rules/events.ts';
import { jobRules } from './rules/jobs.ts';
import { limitRangeRules } from './rules/limit-ranges.ts';
import { resourceQuotaRules } from './rules/resource-quotas.ts';
import { namespaceRules } from './rules/namespaces.ts';
import { nodeRules } from './rules/nodes.ts';
import { persistentVolumeClaimRules } from './rules/persistent-volume-claims.ts';
import { persistentVolumeRules } from './rules/persistent-volumes.ts';
import { podRules } from './rules/pods.ts';
import {
  clusterRoleBindingRules,
  clusterRoleRules,
  roleBindingRules,
  roleRules,
} from './rules/rbac.ts';
import { replicaSetRules, replicationControllerRules } from './rules/replica-sets.ts';
import { serviceRules } from './rules/services.ts';
import { statefulSetRules } from './rules/stateful-sets.ts';

/** Kinds of which only the name and the metadata have rules. */
const plainRules: KindRules = { checkName: checkDnsSubdomain };
/** Questions that are answered and never stored have no name. */
const reviewRules: KindRules = { checkName: () => undefined };

/** The same for a kind whose deletion answers with the object instead of a Status. */
function answeringObject(rules: KindRules): KindRules {
  return { ...rules, deletion: { ...rules.deletion, answersObject: true } };
}

/** The rules of every built-in resource, by `group/plural`; the core group's name is empty. */
export const allKindRules: ReadonlyMap<string, KindRules> = new Map(
  Object.entries<KindRules>({
    '/bindings': erase(bindingRules),
    '/componentstatuses': plainRules,
    '/configmaps': erase(configMapRules),
    '/endpoints': erase(endpointsRules),
    '/events': erase(eventRules),
    '/limitranges': erase(limitRangeRules),
    '/namespaces': erase(namespaceRules),
    '/nodes': erase(nodeRules),
    '/persistentvolumeclaims': erase(persistentVolumeClaimRules),
    '/persistentvolumes': erase(persistentVolumeRules),
    '/pods': erase(withoutDisabledPodFields(podRules, ({ spec }) => spec)),
    '/podtemplates': erase(
      withoutDisabledPodFields(podTemplateRules, ({ template }) => template?.spec),
    ),
    '/replicationcontrollers': erase(
      withoutDisabledPodFields(replicationControllerRules, ({ spec }) => spec?.template?.spec),
    ),
    '/resourcequotas': erase(resourceQuotaRules),
    '/secrets': erase(secretRules),
    '/serviceaccounts': erase(serviceAccountRules),
    '/services': erase(serviceRules),
    'admissionregistration.k8s.io/mutatingadmissionpolicies': erase(mutatingAdmissionPolicyRules),
    'admissionregistration.k8s.io/mutatingadmissionpolicybindings': erase(
      mutatingAdmissionPolicyBindingRules,
    ),
    'admissionregistration.k8s.io/mutatingwebhookconfigurations': erase(
      mutatingWebhookConfigurationRules,
    ),
    'admissionregistration.k8s.io/validatingadmissionpolicies': erase(
      validatingAdmissionPolicyRules,
    ),
    'admissionregistration.k8s.io/validatingadmissionpolicybindings': erase(
      validatingAdmissionPolicyBindingRules,
    ),
    'admissionregistration.k8s.io/validatingwebhookconfigurations': erase(
      validatingWebhookConfigurationRules,
    ),
    'apiextensions.k8s.io/customresourcedefinitions': erase(customResourceDefinitionRules),
    'apiregistration.k8s.io/apiservices': erase(apiServiceRules),
    'apps/controllerrevisions': erase(controllerRevisionRules),
    'apps/daemonsets': erase(
      withoutDisabledPodFields(daemonSetRules, ({ spec }) => spec?.template?.spec),
    ),
    'apps/deployments': erase(
      withoutDisabledPodFields(deploymentRules, ({ spec }) => spec?.template?.spec),
    ),
    'apps/replicasets': erase(
      withoutDisabledPodFields(replicaSetRules, ({ spec }) => spec?.template?.spec),
    ),
    'apps/statefulsets': erase(
      withoutDisabledPodFields(statefulSetRules, ({ spec }) => spec?.template?.spec),
    ),
    'authentication.k8s.io/selfsubjectreviews': reviewRules,
    'authentication.k8s.io/tokenreviews': reviewRules,
    'authorization.k8s.io/localsubjectaccessreviews': reviewRules,
    'authorization.k8s.io/selfsubjectaccessreviews': reviewRules,
    'authorization.k8s.io/selfsubjectrulesreviews': reviewRules,
    'authorization.k8s.io/subjectaccessreviews': reviewRules,
    'autoscaling/horizontalpodautoscalers': erase(horizontalPodAutoscalerRules),
    'batch/cronjobs': erase(
      withoutDisabledPodFields(cronJobRules, ({ spec }) => spec?.jobTemplate?.spec?.template?.spec),
    ),
    'batch/jobs': erase(withoutDisabledPodFields(jobRules, ({ spec }) => spec?.template?.spec)),
    'certificates.k8s.io/certificatesigningrequests': erase(certificateSigningRequestRules),
    'coordination.k8s.io/leases': erase(leaseRules),
    'discovery.k8s.io/endpointslices': erase(endpointSliceRules),
    'events.k8s.io/events': erase(renamedEventRules),
    'flowcontrol.apiserver.k8s.io/flowschemas': erase(flowSchemaRules),
    'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': erase(
      priorityLevelConfigurationRules,
    ),
    'networking.k8s.io/ingressclasses': erase(ingressClassRules),
    'networking.k8s.io/ingresses': erase(ingressRules),
    'networking.k8s.io/ipaddresses': erase(ipAddressRules),
    'networking.k8s.io/networkpolicies': erase(networkPolicyRules),
    'networking.k8s.io/servicecidrs': erase(serviceCidrRules),
    'node.k8s.io/runtimeclasses': erase(runtimeClassRules),
    'policy/poddisruptionbudgets': erase(podDisruptionBudgetRules),
    'rbac.authorization.k8s.io/clusterrolebindings': erase(clusterRoleBindingRules),
    'rbac.authorization.k8s.io/clusterroles': erase(clusterRoleRules),
    'rbac.authorization.k8s.io/rolebindings': erase(roleBindingRules),
    'rbac.authorization.k8s.io/roles': erase(roleRules),
    'resource.k8s.io/deviceclasses': answeringObject(erase(deviceClassRules)),
    'resource.k8s.io/resourceclaims': answeringObject(erase(resourceClaimRules)),
    'resource.k8s.io/resourceclaimtemplates': answeringObject(erase(resourceClaimTemplateRules)),
    'resource.k8s.io/resourceslices': answeringObject(erase(resourceSliceRules)),
    'scheduling.k8s.io/priorityclasses': erase(priorityClassRules),
    'storage.k8s.io/csidrivers': answeringObject(erase(csiDriverRules)),
    'storage.k8s.io/csinodes': answeringObject(erase(csiNodeRules)),
    'storage.k8s.io/csistoragecapacities': erase(csiStorageCapacityRules),
    'storage.k8s.io/storageclasses': answeringObject(erase(storageClassRules)),
    'storage.k8s.io/volumeattachments': answeringObject(erase(volumeAttachmentRules)),
    'storage.k8s.io/volumeattributesclasses': answeringObject(erase(volumeAttributesClassRules)),
  }).map(([name, rules]) => [name, { ...rules, ...warningsOf(name) }]),
);

/** The table's key promises the kind of the objects; the compiler cannot follow it that far. */
function erase<T extends KubernetesObject>(rules: KindRules<T>): KindRules {
  return boundErrors(rules) as unknown as KindRules;
}
