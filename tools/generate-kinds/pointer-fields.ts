/**
 * Scalar fields that are pointers in Go, by message.
 *
 * A client writes every other scalar even when it is empty, and a pointer only when it is set; so a
 * zero means something in these fields and nothing in the others. Neither OpenAPI nor the field
 * table says which is which. `AdmissionResponse`, which no OpenAPI document describes, also names
 * here what JSON always says.
 */
export const pointerFields: Readonly<Record<string, string>> = {
  'k8s.io.api.admission.v1.AdmissionRequest': 'dryRun',
  'k8s.io.api.admission.v1.AdmissionResponse': 'allowed patchType uid',
  'k8s.io.api.admissionregistration.v1.MatchResources': 'matchPolicy',
  'k8s.io.api.admissionregistration.v1.MutatingAdmissionPolicySpec': 'failurePolicy',
  'k8s.io.api.admissionregistration.v1.MutatingWebhook':
    'failurePolicy matchPolicy reinvocationPolicy sideEffects timeoutSeconds',
  'k8s.io.api.admissionregistration.v1.ParamRef': 'parameterNotFoundAction',
  'k8s.io.api.admissionregistration.v1.Rule': 'scope',
  'k8s.io.api.admissionregistration.v1.ServiceReference': 'path port',
  'k8s.io.api.admissionregistration.v1.ValidatingAdmissionPolicySpec': 'failurePolicy',
  'k8s.io.api.admissionregistration.v1.ValidatingWebhook':
    'failurePolicy matchPolicy sideEffects timeoutSeconds',
  'k8s.io.api.admissionregistration.v1.Validation': 'reason',
  'k8s.io.api.admissionregistration.v1.WebhookClientConfig': 'url',
  'k8s.io.api.apps.v1.DaemonSetSpec': 'revisionHistoryLimit',
  'k8s.io.api.apps.v1.DaemonSetStatus': 'collisionCount',
  'k8s.io.api.apps.v1.DeploymentSpec': 'progressDeadlineSeconds replicas revisionHistoryLimit',
  'k8s.io.api.apps.v1.DeploymentStatus': 'collisionCount terminatingReplicas',
  'k8s.io.api.apps.v1.ReplicaSetSpec': 'replicas',
  'k8s.io.api.apps.v1.ReplicaSetStatus': 'terminatingReplicas',
  'k8s.io.api.apps.v1.RollingUpdateStatefulSetStrategy': 'partition',
  'k8s.io.api.apps.v1.StatefulSetSpec': 'replicas revisionHistoryLimit',
  'k8s.io.api.apps.v1.StatefulSetStatus': 'collisionCount',
  'k8s.io.api.authentication.v1.TokenRequestSpec': 'expirationSeconds',
  'k8s.io.api.autoscaling.v1.ContainerResourceMetricSource': 'targetAverageUtilization',
  'k8s.io.api.autoscaling.v1.ContainerResourceMetricStatus': 'currentAverageUtilization',
  'k8s.io.api.autoscaling.v1.HorizontalPodAutoscalerSpec':
    'minReplicas targetCPUUtilizationPercentage',
  'k8s.io.api.autoscaling.v1.HorizontalPodAutoscalerStatus':
    'currentCPUUtilizationPercentage observedGeneration',
  'k8s.io.api.autoscaling.v1.ResourceMetricSource': 'targetAverageUtilization',
  'k8s.io.api.autoscaling.v1.ResourceMetricStatus': 'currentAverageUtilization',
  'k8s.io.api.autoscaling.v2.HPAScalingRules': 'selectPolicy stabilizationWindowSeconds',
  'k8s.io.api.autoscaling.v2.HorizontalPodAutoscalerSpec': 'minReplicas',
  'k8s.io.api.autoscaling.v2.HorizontalPodAutoscalerStatus': 'observedGeneration',
  'k8s.io.api.autoscaling.v2.MetricTarget': 'averageUtilization',
  'k8s.io.api.autoscaling.v2.MetricValueStatus': 'averageUtilization',
  'k8s.io.api.batch.v1.CronJobSpec':
    'failedJobsHistoryLimit startingDeadlineSeconds successfulJobsHistoryLimit suspend timeZone',
  'k8s.io.api.batch.v1.JobSpec':
    'activeDeadlineSeconds backoffLimit backoffLimitPerIndex completionMode completions managedBy ' +
    'manualSelector maxFailedIndexes parallelism podReplacementPolicy suspend ttlSecondsAfterFinished',
  'k8s.io.api.batch.v1.JobStatus': 'failedIndexes ready terminating',
  'k8s.io.api.batch.v1.PodFailurePolicyOnExitCodesRequirement': 'containerName',
  'k8s.io.api.batch.v1.SuccessPolicyRule': 'succeededCount succeededIndexes',
  'k8s.io.api.certificates.v1.CertificateSigningRequestSpec': 'expirationSeconds',
  'k8s.io.api.coordination.v1.LeaseSpec':
    'holderIdentity leaseDurationSeconds leaseTransitions preferredHolder strategy',
  'k8s.io.api.core.v1.AppArmorProfile': 'localhostProfile',
  'k8s.io.api.core.v1.AzureDiskVolumeSource': 'cachingMode fsType kind readOnly',
  'k8s.io.api.core.v1.AzureFilePersistentVolumeSource': 'secretNamespace',
  'k8s.io.api.core.v1.CSIVolumeSource': 'fsType readOnly',
  'k8s.io.api.core.v1.ClientIPConfig': 'timeoutSeconds',
  'k8s.io.api.core.v1.ClusterTrustBundleProjection': 'name optional signerName',
  'k8s.io.api.core.v1.ConfigMap': 'immutable',
  'k8s.io.api.core.v1.ConfigMapEnvSource': 'optional',
  'k8s.io.api.core.v1.ConfigMapKeySelector': 'optional',
  'k8s.io.api.core.v1.ConfigMapProjection': 'optional',
  'k8s.io.api.core.v1.ConfigMapVolumeSource': 'defaultMode optional',
  'k8s.io.api.core.v1.Container': 'restartPolicy',
  'k8s.io.api.core.v1.ContainerStatus': 'started stopSignal',
  'k8s.io.api.core.v1.DownwardAPIVolumeFile': 'mode',
  'k8s.io.api.core.v1.DownwardAPIVolumeSource': 'defaultMode',
  'k8s.io.api.core.v1.EndpointAddress': 'nodeName',
  'k8s.io.api.core.v1.EndpointPort': 'appProtocol',
  'k8s.io.api.core.v1.EphemeralContainerCommon': 'restartPolicy',
  'k8s.io.api.core.v1.FCVolumeSource': 'lun',
  'k8s.io.api.core.v1.FileKeySelector': 'optional',
  'k8s.io.api.core.v1.GRPCAction': 'service',
  'k8s.io.api.core.v1.GlusterfsPersistentVolumeSource': 'endpointsNamespace',
  'k8s.io.api.core.v1.HostPathVolumeSource': 'type',
  'k8s.io.api.core.v1.ISCSIPersistentVolumeSource': 'initiatorName',
  'k8s.io.api.core.v1.ISCSIVolumeSource': 'initiatorName',
  'k8s.io.api.core.v1.KeyToPath': 'mode',
  'k8s.io.api.core.v1.Lifecycle': 'stopSignal',
  'k8s.io.api.core.v1.LoadBalancerIngress': 'ipMode',
  'k8s.io.api.core.v1.LocalVolumeSource': 'fsType',
  'k8s.io.api.core.v1.NodeFeatures': 'supplementalGroupsPolicy',
  'k8s.io.api.core.v1.NodeRuntimeHandlerFeatures': 'recursiveReadOnlyMounts userNamespaces',
  'k8s.io.api.core.v1.NodeSwapStatus': 'capacity',
  'k8s.io.api.core.v1.PersistentVolumeClaimSpec':
    'storageClassName volumeAttributesClassName volumeMode',
  'k8s.io.api.core.v1.PersistentVolumeClaimStatus': 'currentVolumeAttributesClassName',
  'k8s.io.api.core.v1.PersistentVolumeSpec': 'volumeAttributesClassName volumeMode',
  'k8s.io.api.core.v1.PodCertificateProjection': 'maxExpirationSeconds',
  'k8s.io.api.core.v1.PodDNSConfigOption': 'value',
  'k8s.io.api.core.v1.PodLogOptions': 'limitBytes sinceSeconds stream tailLines',
  'k8s.io.api.core.v1.PodResourceClaim': 'resourceClaimName resourceClaimTemplateName',
  'k8s.io.api.core.v1.PodResourceClaimStatus': 'resourceClaimName',
  'k8s.io.api.core.v1.PodSchedulingGroup': 'podGroupName',
  'k8s.io.api.core.v1.PodSecurityContext':
    'fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser seLinuxChangePolicy ' +
    'supplementalGroupsPolicy',
  'k8s.io.api.core.v1.PodSpec':
    'activeDeadlineSeconds automountServiceAccountToken enableServiceLinks hostUsers ' +
    'hostnameOverride preemptionPolicy priority runtimeClassName setHostnameAsFQDN ' +
    'shareProcessNamespace terminationGracePeriodSeconds',
  'k8s.io.api.core.v1.PortStatus': 'error',
  'k8s.io.api.core.v1.Preconditions': 'uid',
  'k8s.io.api.core.v1.Probe': 'terminationGracePeriodSeconds',
  'k8s.io.api.core.v1.ProjectedVolumeSource': 'defaultMode',
  'k8s.io.api.core.v1.ReplicationControllerSpec': 'replicas',
  'k8s.io.api.core.v1.ResourceHealth': 'message',
  'k8s.io.api.core.v1.SeccompProfile': 'localhostProfile',
  'k8s.io.api.core.v1.Secret': 'immutable',
  'k8s.io.api.core.v1.SecretEnvSource': 'optional',
  'k8s.io.api.core.v1.SecretKeySelector': 'optional',
  'k8s.io.api.core.v1.SecretProjection': 'optional',
  'k8s.io.api.core.v1.SecretVolumeSource': 'defaultMode optional',
  'k8s.io.api.core.v1.SecurityContext':
    'allowPrivilegeEscalation privileged procMount readOnlyRootFilesystem runAsGroup runAsNonRoot ' +
    'runAsUser',
  'k8s.io.api.core.v1.ServiceAccount': 'automountServiceAccountToken',
  'k8s.io.api.core.v1.ServiceAccountTokenProjection': 'expirationSeconds',
  'k8s.io.api.core.v1.ServicePort': 'appProtocol',
  'k8s.io.api.core.v1.ServiceSpec':
    'allocateLoadBalancerNodePorts internalTrafficPolicy ipFamilyPolicy loadBalancerClass ' +
    'trafficDistribution',
  'k8s.io.api.core.v1.Toleration': 'tolerationSeconds',
  'k8s.io.api.core.v1.TopologySpreadConstraint': 'minDomains nodeAffinityPolicy nodeTaintsPolicy',
  'k8s.io.api.core.v1.TypedLocalObjectReference': 'apiGroup',
  'k8s.io.api.core.v1.TypedObjectReference': 'apiGroup namespace',
  'k8s.io.api.core.v1.VolumeMount': 'mountPropagation recursiveReadOnly',
  'k8s.io.api.core.v1.VolumeMountStatus': 'recursiveReadOnly',
  'k8s.io.api.core.v1.WindowsSecurityContextOptions':
    'gmsaCredentialSpec gmsaCredentialSpecName hostProcess runAsUserName',
  'k8s.io.api.discovery.v1.Endpoint': 'hostname nodeName zone',
  'k8s.io.api.discovery.v1.EndpointConditions': 'ready serving terminating',
  'k8s.io.api.discovery.v1.EndpointPort': 'appProtocol name port protocol',
  'k8s.io.api.flowcontrol.v1.ExemptPriorityLevelConfiguration':
    'lendablePercent nominalConcurrencyShares',
  'k8s.io.api.flowcontrol.v1.LimitedPriorityLevelConfiguration':
    'borrowingLimitPercent lendablePercent nominalConcurrencyShares',
  'k8s.io.api.networking.v1.HTTPIngressPath': 'pathType',
  'k8s.io.api.networking.v1.IngressClassParametersReference': 'aPIGroup namespace scope',
  'k8s.io.api.networking.v1.IngressPortStatus': 'error',
  'k8s.io.api.networking.v1.IngressSpec': 'ingressClassName',
  'k8s.io.api.networking.v1.NetworkPolicyPort': 'endPort protocol',
  'k8s.io.api.policy.v1.PodDisruptionBudgetSpec': 'unhealthyPodEvictionPolicy',
  'k8s.io.api.resource.v1.AllocatedDeviceStatus': 'shareID',
  'k8s.io.api.resource.v1.Device': 'allNodes allowMultipleAllocations bindsToNode nodeName',
  'k8s.io.api.resource.v1.DeviceAttribute': 'bool int string version',
  'k8s.io.api.resource.v1.DeviceClassSpec': 'extendedResourceName',
  'k8s.io.api.resource.v1.DeviceConstraint': 'distinctAttribute matchAttribute',
  'k8s.io.api.resource.v1.DeviceRequestAllocationResult': 'adminAccess shareID',
  'k8s.io.api.resource.v1.DeviceToleration': 'tolerationSeconds',
  'k8s.io.api.resource.v1.ExactDeviceRequest': 'adminAccess',
  'k8s.io.api.resource.v1.NodeAllocatableResourceMapping': 'capacityKey',
  'k8s.io.api.resource.v1.ResourceSliceSpec': 'allNodes nodeName perDeviceNodeSelection',
  'k8s.io.api.scheduling.v1.PriorityClass': 'preemptionPolicy',
  'k8s.io.api.storage.v1.CSIDriverSpec':
    'attachRequired fsGroupPolicy nodeAllocatableUpdatePeriodSeconds podInfoOnMount ' +
    'preventPodSchedulingIfMissing requiresRepublish seLinuxMount serviceAccountTokenInSecrets ' +
    'storageCapacity',
  'k8s.io.api.storage.v1.StorageClass': 'allowVolumeExpansion reclaimPolicy volumeBindingMode',
  'k8s.io.api.storage.v1.TokenRequest': 'expirationSeconds',
  'k8s.io.api.storage.v1.VolumeAttachmentSource': 'persistentVolumeName',
  'k8s.io.api.storage.v1.VolumeError': 'errorCode',
  'k8s.io.api.storage.v1.VolumeNodeResources': 'count',
  'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion':
    'deprecationWarning',
  'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale':
    'labelSelectorPath',
  'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps':
    'maxItems maxLength maxProperties maximum minItems minLength minProperties minimum multipleOf ' +
    'ref xKubernetesListType xKubernetesMapType xKubernetesPreserveUnknownFields',
  'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.ServiceReference': 'path port',
  'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.ValidationRule':
    'optionalOldSelf reason',
  'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig': 'url',
  'k8s.io.apimachinery.pkg.apis.meta.v1.DeleteOptions':
    'gracePeriodSeconds ignoreStoreReadErrorWithClusterBreakingPotential orphanDependents ' +
    'propagationPolicy',
  'k8s.io.apimachinery.pkg.apis.meta.v1.ListMeta': 'remainingItemCount',
  'k8s.io.apimachinery.pkg.apis.meta.v1.ListOptions': 'sendInitialEvents timeoutSeconds',
  'k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta': 'deletionGracePeriodSeconds',
  'k8s.io.apimachinery.pkg.apis.meta.v1.OwnerReference': 'blockOwnerDeletion controller',
  'k8s.io.apimachinery.pkg.apis.meta.v1.PatchOptions': 'force',
  'k8s.io.apimachinery.pkg.apis.meta.v1.Preconditions': 'resourceVersion uid',
  'k8s.io.kube_aggregator.pkg.apis.apiregistration.v1.ServiceReference': 'port',
};
