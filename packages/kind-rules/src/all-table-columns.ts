import type { TableColumns } from './table-columns.ts';
import {
  admissionPolicyBindings,
  mutatingAdmissionPolicies,
  validatingAdmissionPolicies,
  webhookConfigurations,
} from './tables/admission.ts';
import { apiServices } from './tables/api-services.ts';
import { autoscalers, autoscalersOfVersion1 } from './tables/autoscaling.ts';
import { certificateSigningRequests } from './tables/certificate-signing-requests.ts';
import { componentStatuses } from './tables/component-statuses.ts';
import { configMaps, secrets } from './tables/configuration.ts';
import { leases } from './tables/coordination.ts';
import { nameAndCreation } from './tables/define-table.ts';
import { podDisruptionBudgets } from './tables/disruption-budgets.ts';
import { coreEvents, events } from './tables/events.ts';
import { flowSchemas, priorityLevelConfigurations } from './tables/flow-control.ts';
import { cronJobs, jobs } from './tables/jobs.ts';
import { nameAndAge } from './tables/name-and-age.ts';
import { namespaces, resourceQuotas } from './tables/namespaces.ts';
import {
  ingressClasses,
  ingresses,
  ipAddresses,
  networkPolicies,
  serviceCidrs,
} from './tables/networking.ts';
import { nodes } from './tables/nodes.ts';
import { pods } from './tables/pods.ts';
import { roleBindings } from './tables/rbac.ts';
import { resourceClaims, resourceSlices } from './tables/resource-claims.ts';
import { priorityClasses, runtimeClasses } from './tables/scheduling.ts';
import { endpointSlices, endpoints, services } from './tables/services.ts';
import {
  csiDrivers,
  csiNodes,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,
} from './tables/storage.ts';
import { persistentVolumeClaims, persistentVolumes } from './tables/volumes.ts';
import {
  controllerRevisions,
  daemonSets,
  deployments,
  podTemplates,
  replicaSets,
  replicationControllers,
  statefulSets,
} from './tables/workloads.ts';

/** By `apiVersion/plural`. What is not here is shown by name and age. */
export const allTableColumns: ReadonlyMap<string, TableColumns> = new Map([
  ['v1/componentstatuses', componentStatuses],
  ['v1/configmaps', configMaps],
  ['v1/endpoints', endpoints],
  ['v1/events', coreEvents],
  ['v1/limitranges', nameAndCreation],
  ['v1/namespaces', namespaces],
  ['v1/nodes', nodes],
  ['v1/persistentvolumeclaims', persistentVolumeClaims],
  ['v1/persistentvolumes', persistentVolumes],
  ['v1/pods', pods],
  ['v1/podtemplates', podTemplates],
  ['v1/replicationcontrollers', replicationControllers],
  ['v1/resourcequotas', resourceQuotas],
  ['v1/secrets', secrets],
  ['v1/serviceaccounts', nameAndAge],
  ['v1/services', services],
  ['admissionregistration.k8s.io/v1/mutatingadmissionpolicies', mutatingAdmissionPolicies],
  ['admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings', admissionPolicyBindings],
  ['admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', webhookConfigurations],
  ['admissionregistration.k8s.io/v1/validatingadmissionpolicies', validatingAdmissionPolicies],
  ['admissionregistration.k8s.io/v1/validatingadmissionpolicybindings', admissionPolicyBindings],
  ['admissionregistration.k8s.io/v1/validatingwebhookconfigurations', webhookConfigurations],
  ['apiextensions.k8s.io/v1/customresourcedefinitions', nameAndCreation],
  ['apiregistration.k8s.io/v1/apiservices', apiServices],
  ['apps/v1/controllerrevisions', controllerRevisions],
  ['apps/v1/daemonsets', daemonSets],
  ['apps/v1/deployments', deployments],
  ['apps/v1/replicasets', replicaSets],
  ['apps/v1/statefulsets', statefulSets],
  ['autoscaling/v1/horizontalpodautoscalers', autoscalersOfVersion1],
  ['autoscaling/v2/horizontalpodautoscalers', autoscalers],
  ['batch/v1/cronjobs', cronJobs],
  ['batch/v1/jobs', jobs],
  ['certificates.k8s.io/v1/certificatesigningrequests', certificateSigningRequests],
  ['coordination.k8s.io/v1/leases', leases],
  ['discovery.k8s.io/v1/endpointslices', endpointSlices],
  ['events.k8s.io/v1/events', events],
  ['flowcontrol.apiserver.k8s.io/v1/flowschemas', flowSchemas],
  ['flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations', priorityLevelConfigurations],
  ['networking.k8s.io/v1/ingressclasses', ingressClasses],
  ['networking.k8s.io/v1/ingresses', ingresses],
  ['networking.k8s.io/v1/ipaddresses', ipAddresses],
  ['networking.k8s.io/v1/networkpolicies', networkPolicies],
  ['networking.k8s.io/v1/servicecidrs', serviceCidrs],
  ['node.k8s.io/v1/runtimeclasses', runtimeClasses],
  ['policy/v1/poddisruptionbudgets', podDisruptionBudgets],
  ['rbac.authorization.k8s.io/v1/clusterrolebindings', roleBindings],
  ['rbac.authorization.k8s.io/v1/clusterroles', nameAndCreation],
  ['rbac.authorization.k8s.io/v1/rolebindings', roleBindings],
  ['rbac.authorization.k8s.io/v1/roles', nameAndCreation],
  ['resource.k8s.io/v1/deviceclasses', nameAndAge],
  ['resource.k8s.io/v1/resourceclaims', resourceClaims],
  ['resource.k8s.io/v1/resourceclaimtemplates', nameAndAge],
  ['resource.k8s.io/v1/resourceslices', resourceSlices],
  ['scheduling.k8s.io/v1/priorityclasses', priorityClasses],
  ['storage.k8s.io/v1/csidrivers', csiDrivers],
  ['storage.k8s.io/v1/csinodes', csiNodes],
  ['storage.k8s.io/v1/csistoragecapacities', nameAndCreation],
  ['storage.k8s.io/v1/storageclasses', storageClasses],
  ['storage.k8s.io/v1/volumeattachments', volumeAttachments],
  ['storage.k8s.io/v1/volumeattributesclasses', volumeAttributesClasses],
]);
