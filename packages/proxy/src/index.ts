export { type ProxyOptions, createProxy } from './create-proxy.ts';
export type { Proxy } from './forwarding/forward-to-cluster.ts';
export { type AcceptRules, defaultAcceptRules } from './filters/accept-filter.ts';
