export { type Trouble, accountFiles, keepToken } from './service-account/keep-token.ts';
export { containerEnvironment } from './environment/container-environment.ts';
export { expandVariables } from './environment/expand-variables.ts';
export { PodError, podSources } from './sources/pod-sources.ts';
export { type TokenFile, type VolumeFiles, volumeFiles } from './volumes/volume-files.ts';
export { parseStages } from './simulated/parse-stages.ts';
export { checkNodeCount, runSimulatedNodes } from './simulated/run-simulated-nodes.ts';
export type { Stage } from './simulated/stage.ts';
export { StageError } from './simulated/stage-fields.ts';
export { parseResolvConf } from './container-config/pod-dns.ts';
export { RuntimeError } from './runtime/runtime-error.ts';
export { kubeletAccess } from './kubelet-api/kubelet-access.ts';
export { kubeletApi } from './kubelet-api/kubelet-api.ts';
export type { NodePod, NodePods } from './kubelet-api/kubelet-parts.ts';
export { machineUsage } from './node/machine-usage.ts';
export { criImages } from './cri/cri-images.ts';
export { criClientOf, sandboxImageOf } from './cri/existing-endpoint.ts';
export { provideHostImage } from './containerd/host-image.ts';
export { serveLoadedImages } from './containerd/serve-loaded-images.ts';
export { withLoadedImages } from './images/loaded-images.ts';
export { type ImageFile, type NewImage, imageLayout } from './oci/image-archive.ts';
export { imageContents } from './oci/image-contents.ts';
export { ImageFolder } from './oci/image-folder.ts';
export { ImageNameError, fullImageName, parseImageReference } from './oci/image-reference.ts';
export { loadImages } from './oci/load-images.ts';
export { type CriRuntime, criRuntime } from './cri/cri-runtime.ts';
export {
  type ContainerHost,
  containerHost,
  goArchitecture,
  lackedCapabilities,
} from './containerd/host-capabilities.ts';
export type { PrivateContainerdOptions } from './containerd/containerd-process.ts';
export { type PrivateContainerd, openContainerd } from './containerd/private-containerd.ts';
export type { PodManifests } from './static-pods/follow-manifests.ts';
export type { EvictionThreshold } from './eviction/thresholds.ts';
export type { AgentServing, NodeRuntime } from './agent/node-agent-options.ts';
export { endAbandonedPods } from './agent/end-abandoned-pods.ts';
export { runNodeAgent } from './agent/run-node-agent.ts';
export { holdLocalAddress, holdLocalNetwork } from './node/local-address.ts';
export { hostImages } from './processes/host-image.ts';
export { processHost } from './processes/process-host.ts';
export { type ProcessNetwork, processNetwork } from './processes/network/process-network.ts';
export { processRuntime } from './processes/process-runtime.ts';
export { JoinError } from './discovery/join-error.ts';
export { parseClusterInfo } from './discovery/cluster-info.ts';
export { discoverCluster } from './discovery/discover-cluster.ts';
export { KeptCertificate } from './node-certificates/kept-certificate.ts';
export {
  clientCertificateOf,
  servingCertificateOf,
} from './node-certificates/request-certificate.ts';
export { addressTowards } from './node/address-towards.ts';
