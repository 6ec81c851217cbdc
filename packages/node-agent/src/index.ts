export {
  type TokenKeeper,
  type Trouble,
  accountFiles,
  keepToken,
} from './service-account/keep-token.ts';
export {
  type ContainerEnvironment,
  containerEnvironment,
} from './environment/container-environment.ts';
export { expandVariables } from './environment/expand-variables.ts';
export { serviceVariables } from './environment/service-variables.ts';
export { PodError, type PodSources, podSources } from './sources/pod-sources.ts';
export { type TokenFile, type VolumeFiles, volumeFiles } from './volumes/volume-files.ts';
export { parseStages } from './simulated/parse-stages.ts';
export {
  type SimulatedNodesOptions,
  checkNodeCount,
  runSimulatedNodes,
} from './simulated/run-simulated-nodes.ts';
export type { Stage } from './simulated/stage.ts';
export { StageError } from './simulated/stage-fields.ts';
export { type PodCgroups, podCgroups } from './cgroups/pod-cgroups.ts';
export { type ConfiguredContainer, containerConfig } from './container-config/container-config.ts';
export { containerResources } from './container-config/container-resources.ts';
export { containerHash, containerAnnotation, podLabel } from './container-config/kubelet-labels.ts';
export { parseResolvConf, podDns } from './container-config/pod-dns.ts';
export { type PodRefusal, podRefusal } from './container-config/pod-refusal.ts';
export { podLogDirectory, sandboxConfig } from './container-config/sandbox-config.ts';
export type { MountedVolume } from './volumes/mounted-volume.ts';
export {
  type FollowedSources,
  type SourceFollower,
  followSources,
} from './sources/follow-sources.ts';
export { type PodVolumes, type PodVolumesParts, podVolumes } from './volumes/pod-volumes.ts';
export type { VolumeUsage } from './volumes/volume-usage.ts';
export type { PodTokenWish, VolumeSources } from './sources/volume-sources.ts';
export type { NodeFacts } from './node/node-facts.ts';
export type { PodRuntime, RuntimePod } from './runtime/pod-runtime.ts';
export { RuntimeError, type RuntimeProblem } from './runtime/runtime-error.ts';
export type {
  ContainerConfig,
  ContainerMount,
  ContainerRecord,
  ContainerResources,
  ContainerSecurity,
  SecurityProfile,
} from './runtime/container.ts';
export type { ImageRecord, ImageStore, RegistryCredentials } from './runtime/image-store.ts';
export type { ExecOutcome, RuntimeStreams } from './runtime/runtime-streams.ts';
export type {
  DnsConfig,
  PodIdentity,
  PortMapping,
  SandboxConfig,
  SandboxNamespaces,
  SandboxRecord,
} from './runtime/sandbox.ts';
export type { ContainerUsage, FilesystemUsage } from './runtime/usage.ts';
export {
  type LogRotation,
  type RotatedLogs,
  logRotation,
  rotateLogs,
} from './container-logs/rotate-logs.ts';
export { type KubeletAccess, kubeletAccess } from './kubelet-api/kubelet-access.ts';
export { kubeletApi } from './kubelet-api/kubelet-api.ts';
export type { KubeletParts, NodePod, NodePods } from './kubelet-api/kubelet-parts.ts';
export { type MachineUsage, machineUsage } from './node/machine-usage.ts';
export { CriClient, socketPathOf } from './cri/cri-client.ts';
export { criImages } from './cri/cri-images.ts';
export { provideHostImage } from './containerd/host-image.ts';
export { type LoadedImagesParts, serveLoadedImages } from './containerd/serve-loaded-images.ts';
export { withLoadedImages } from './images/loaded-images.ts';
export { type ImageContents, imageContents } from './oci/image-contents.ts';
export { ImageError } from './oci/image-error.ts';
export { ImageFolder, type ImageFolderParts, type NamedImage } from './oci/image-folder.ts';
export {
  ImageNameError,
  type ImageReference,
  fullImageName,
  parseImageReference,
} from './oci/image-reference.ts';
export { type LoadWish, loadImages } from './oci/load-images.ts';
export {
  type ImageOutcome,
  type ImagePuller,
  type ImagePullerParts,
  type ImageTrouble,
  createImagePuller,
} from './images/image-puller.ts';
export { type CriRuntime, criRuntime } from './cri/cri-runtime.ts';
export {
  type ContainerHost,
  type HostCapability,
  containerHost,
  goArchitecture,
  lackedCapabilities,
} from './containerd/host-capabilities.ts';
export type { PrivateContainerdOptions } from './containerd/containerd-process.ts';
export { type PrivateContainerd, openContainerd } from './containerd/private-containerd.ts';
export type { PodManifests } from './static-pods/follow-manifests.ts';
export type { NodeAgentOptions, NodeRuntime } from './agent/node-agent-options.ts';
export { runNodeAgent } from './agent/run-node-agent.ts';
export { LocalAddressError, holdLocalAddress } from './node/local-address.ts';
export { hostImages } from './processes/host-image.ts';
export { type ProcessHost, processHost } from './processes/process-host.ts';
export { type ProcessRuntime, processRuntime } from './processes/process-runtime.ts';
export type { ProcessRuntimeOptions } from './processes/process-runtime-options.ts';
