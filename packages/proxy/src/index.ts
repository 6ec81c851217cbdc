export { type ProxyOptions, type RunningProxy, createProxy } from './create-proxy.ts';
export type { ProxiedCluster, ProxiedClusters } from './clusters/cluster-place.ts';
export { findPodPorts } from './hosts/find-pod-ports.ts';
export { type HostedName, hostOf } from './hosts/hosted-name.ts';
export type { Proxy } from './forwarding/forward-to-cluster.ts';
export { type AcceptRules, defaultAcceptRules } from './filters/accept-filter.ts';
export { type AccessRule, type ResourceNames, parseAccessRule } from './fences/access-rule.ts';
export { type Fence, type FenceRules, makeFence } from './fences/fences.ts';
