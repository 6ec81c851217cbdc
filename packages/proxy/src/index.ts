export { type ProxyOptions, createProxy } from './create-proxy.ts';
export type { Proxy } from './forwarding/forward-to-cluster.ts';
export { type AcceptRules, defaultAcceptRules } from './filters/accept-filter.ts';
export { type AccessRule, type ResourceNames, parseAccessRule } from './fences/access-rule.ts';
export { type Fence, type FenceRules, makeFence } from './fences/fences.ts';
