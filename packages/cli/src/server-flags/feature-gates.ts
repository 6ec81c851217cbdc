import { parseTruthValue } from '@fairway/protocol';

/**
 * Feature gates that are on by default. Source: the versioned feature list of Kubernetes as 1.36 was made,
 * with MutatingAdmissionPolicy as its API was released.
 */
const onByDefault = namesOf(`
    APIResponseCompression APIServerIdentity APIServerTracing AggregatedDiscoveryRemoveBetaType
    AllowParsingUserUIDFromCertAuth AnonymousAuthConfigurableEndpoints AnyVolumeDataSource
    AtomicFIFO AuthorizeNodeWithSelectors AuthorizePodWebsocketUpgradeCreatePermission
    AuthorizeWithSelectors BtreeWatchCache CPUManagerPolicyBetaOptions CPUManagerPolicyOptions
    CRDValidationRatcheting CSIServiceAccountTokenSecrets ClearingNominatedNodeNameAfterBinding
    ConsistentListFromCache ContainerCheckpoint ContainerRestartRules
    CustomResourceFieldSelectors DRAAdminAccess DRAPrioritizedList DRAResourceClaimDeviceStatus
    DRASchedulerFilterTimeout DeclarativeValidation DeploymentReplicaSetTerminatingReplicas
    DetectCacheInconsistency DisableAllocatorDualWrite DisableCPUQuotaWithExclusiveCPUs
    DisableNodeKubeProxyVersion DynamicResourceAllocation EnvFiles ExecProbeTimeout
    ExternalServiceAccountTokenSigner GracefulNodeShutdown
    GracefulNodeShutdownBasedOnPodPriority HPAConfigurableTolerance HonorPVReclaimPolicy
    HostnameOverride ImageMaximumGCAge ImageVolume InOrderInformers InOrderInformersBatchProcess
    InPlacePodVerticalScaling InformerResourceVersion JobBackoffLimitPerIndex JobManagedBy
    JobPodReplacementPolicy JobSuccessPolicy KubeletCgroupDriverFromCRI
    KubeletCrashLoopBackOffMax KubeletEnsureSecretPulledImages KubeletFineGrainedAuthz
    KubeletPSI KubeletPodResourcesDynamicResources KubeletPodResourcesGet
    KubeletPodResourcesListUseActivePods KubeletSeparateDiskGC
    KubeletServiceAccountTokenForCredentialProviders KubeletTracing ListFromCacheSnapshot
    LogarithmicScaleDown MatchLabelKeysInPodAffinity MatchLabelKeysInPodTopologySpread
    MatchLabelKeysInPodTopologySpreadSelectorMerge MaxUnavailableStatefulSet
    MultiCIDRServiceAllocator MutableCSINodeAllocatableCount MutatingAdmissionPolicy
    NFTablesProxyMode NodeInclusionPolicyInPodTopologySpread NodeSwap
    NominatedNodeNameForExpectation OpenAPIEnums OpportunisticBatching OrderedNamespaceDeletion
    PodDeletionCost PodLevelResources PodLifecycleSleepAction PodLifecycleSleepActionAllowZero
    PodObservedGenerationTracking PodReadyToStartContainersCondition PodSchedulingReadiness
    PodTopologyLabelsAdmission PortForwardWebsockets PreferSameTrafficDistribution
    PreventStaticPodAPIReferences ProcMountType RecoverVolumeExpansionFailure
    RecursiveReadOnlyMounts RelaxedDNSSearchValidation RelaxedEnvironmentVariableValidation
    RelaxedServiceNameValidation ReloadKubeletServerCertificateFile RemoteRequestHeaderUID
    ResilientWatchCacheInitialization ResourceHealthStatus ResourceHealthStatusMessage
    RetryGenerateName RotateKubeletServerCertificate SELinuxChangePolicy
    SELinuxMountReadWriteOncePod SchedulerAsyncPreemption SchedulerPopFromBackoffQ
    SchedulerQueueingHints SeparateTaintEvictionController ServiceAccountNodeAudienceRestriction
    ServiceAccountTokenJTI ServiceAccountTokenNodeBinding
    ServiceAccountTokenNodeBindingValidation ServiceAccountTokenPodNodeInfo SidecarContainers
    SizeBasedListCostEstimate StatefulSetSemanticRevisionComparison StorageNamespaceIndex
    StorageVersionHash StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf
    StructuredAuthenticationConfiguration StructuredAuthenticationConfigurationEgressSelector
    StructuredAuthenticationConfigurationJWKSMetrics SupplementalGroupsPolicy SystemdWatchdog
    TokenRequestServiceAccountUIDValidation TopologyManagerPolicyBetaOptions
    TopologyManagerPolicyOptions TranslateStreamCloseWebsocketRequests
    UnauthenticatedHTTP2DOSMitigation UnlockWhileProcessingFIFO UserNamespacesSupport
    VolumeAttributesClass WatchCacheInitializationPostStartHook WatchList WatchListClient WinDSR
    WinOverlay WindowsGracefulNodeShutdown
`);

/** From the same list. */
const offByDefault = namesOf(`
    APIServingWithRoutine AllowDNSOnlyNodeCSR AllowInsecureKubeletCertificateSigningRequests
    AllowOverwriteTerminationGracePeriodSeconds AllowUnsafeMalformedObjectDeletion
    CBORServingAndStorage CPUManagerPolicyAlphaOptions CRDObservedGenerationTracking
    CSIVolumeHealth ChangeContainerStatusOnKubeletRestart ClientsAllowCBOR ClientsPreferCBOR
    CloudControllerManagerWatchBasedRoutesReconciliation CloudControllerManagerWebhook
    ClusterTrustBundle ClusterTrustBundleProjection ComponentFlagz ComponentStatusz
    ConcurrentWatchObjectDecode ConstrainedImpersonation CoordinatedLeaderElection
    CrossNamespaceVolumeDataSource CustomCPUCFSQuotaPeriod DRAConsumableCapacity
    DRADeviceBindingConditions DRADeviceTaintRules DRADeviceTaints DRAExtendedResource
    DRAPartitionableDevices DeclarativeValidationTakeover EventedPLEG GangScheduling
    GenericWorkload GitRepoVolumeDriver HPAScaleToZero ImageVolumeWithDigest
    InPlacePodLevelResourcesVerticalScaling InPlacePodVerticalScalingAllocatedStatus
    InPlacePodVerticalScalingExclusiveCPUs InPlacePodVerticalScalingExclusiveMemory KMSv1
    KubeletInUserNamespace KubeletRegistrationGetOnExistsOnly
    LocalStorageCapacityIsolationFSQuotaMonitoring MemoryQoS MutablePVNodeAffinity
    MutablePodResourcesForSuspendedJobs MutableSchedulingDirectivesForSuspendedJobs
    NodeDeclaredFeatures NodeLogQuery PodAndContainerStatsFromCRI PodCertificateRequest
    PodLogsQuerySplitStreams QOSReserved ReduceDefaultCrashLoopBackOffDecay
    RestartAllContainersOnContainerExits RuntimeClassInImageCriApi SELinuxMount
    SchedulerAsyncAPICalls SeparateCacheWatchRPC StorageCapacityScoring StorageVersionAPI
    StorageVersionMigrator StrictIPCIDRValidation TaintTolerationComparisonOperators
    TopologyManagerPolicyAlphaOptions UnknownVersionInteroperabilityProxy
    UserNamespacesHostNetworkSupport VolumeLimitScaling WindowsCPUAndMemoryAffinity
    WindowsHostNetwork
`);

/** What a kube-apiserver has for all gates of a stage. */
const stages = ['AllAlpha', 'AllBeta'];

/**
 * Checks entries of `--feature-gates` (`Name=true`, or `kube:Name=true`). No gate can be switched here: a
 * wish is granted that is the default of Kubernetes 1.36.
 *
 * Errors: `RangeError` for another wish, a gate that does not exist, and a value that is no truth value.
 */
export function checkFeatureGates(entries: readonly string[]): void {
  for (const entry of entries.filter((each) => each !== '')) {
    const [, name = '', value = ''] = /^(?:kube:)?([^=]*)=?(.*)$/s.exec(entry) ?? [];
    const isOn = onByDefault.has(name);
    if (!isOn && !offByDefault.has(name) && !stages.includes(name)) {
      throw new RangeError(`${JSON.stringify(name)} is no feature gate of Kubernetes 1.36`);
    }
    const wish = parseTruthValue(value);
    if (wish === undefined) {
      throw new RangeError(`${JSON.stringify(value)} of ${name} is neither true nor false`);
    }
    if (wish === isOn) continue;
    const [state, other] = isOn ? ['on', 'off'] : ['off', 'on'];
    const why = `it is ${state}, as in Kubernetes 1.36 by default; leave it out`;
    throw new RangeError(`Fairway cannot switch ${name} ${other}: ${why}`);
  }
}

function namesOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
