const times = (...fields: readonly string[]): ReadonlySet<string> => new Set(fields);
const lists: typeof times = times;

/**
 * Fields that Go writes as null when they hold nothing, by definition: times that are no pointers, and lists
 * that are written in any case. OpenAPI does not say which; the types of k8s.io/api do.
 */
export const nullFields: Readonly<Record<string, ReadonlySet<string>>> = {
  'io.k8s.api.apps.v1.DaemonSetCondition': times('lastTransitionTime'),
  'io.k8s.api.apps.v1.DeploymentCondition': times('lastTransitionTime', 'lastUpdateTime'),
  'io.k8s.api.apps.v1.ReplicaSetCondition': times('lastTransitionTime'),
  'io.k8s.api.apps.v1.StatefulSetCondition': times('lastTransitionTime'),
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition': times('lastTransitionTime'),
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus': lists('currentMetrics'),
  'io.k8s.api.batch.v1.JobCondition': times('lastProbeTime', 'lastTransitionTime'),
  'io.k8s.api.batch.v1.PodFailurePolicy': lists('rules'),
  'io.k8s.api.certificates.v1.CertificateSigningRequestCondition': times(
    'lastTransitionTime',
    'lastUpdateTime',
  ),
  'io.k8s.api.core.v1.ContainerImage': lists('names'),
  'io.k8s.api.core.v1.ContainerStateRunning': times('startedAt'),
  'io.k8s.api.core.v1.ContainerStateTerminated': times('finishedAt', 'startedAt'),
  'io.k8s.api.core.v1.Event': times('eventTime', 'firstTimestamp', 'lastTimestamp'),
  'io.k8s.api.core.v1.EventSeries': times('lastObservedTime'),
  'io.k8s.api.core.v1.LimitRangeSpec': lists('limits'),
  'io.k8s.api.core.v1.NamespaceCondition': times('lastTransitionTime'),
  'io.k8s.api.core.v1.NodeCondition': times('lastHeartbeatTime', 'lastTransitionTime'),
  'io.k8s.api.core.v1.PersistentVolumeClaimCondition': times('lastProbeTime', 'lastTransitionTime'),
  'io.k8s.api.core.v1.PodCondition': times('lastProbeTime', 'lastTransitionTime'),
  'io.k8s.api.core.v1.ProjectedVolumeSource': lists('sources'),
  'io.k8s.api.core.v1.ReplicationControllerCondition': times('lastTransitionTime'),
  'io.k8s.api.discovery.v1.EndpointSlice': lists('endpoints', 'ports'),
  'io.k8s.api.flowcontrol.v1.FlowSchemaCondition': times('lastTransitionTime'),
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition': times('lastTransitionTime'),
  'io.k8s.api.rbac.v1.ClusterRole': lists('rules'),
  'io.k8s.api.rbac.v1.Role': lists('rules'),
  'io.k8s.api.storage.v1.CSINodeDriver': lists('topologyKeys'),
  'io.k8s.api.storage.v1.CSINodeSpec': lists('drivers'),
  'io.k8s.api.storage.v1.VolumeError': times('time'),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition':
    times('lastTransitionTime'),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus': lists(
    'conditions',
    'storedVersions',
  ),
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition':
    times('lastTransitionTime'),
};
