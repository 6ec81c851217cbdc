export { type Proxy, type ProxyOptions, createProxy } from './create-proxy.ts';
export { type AcceptRules, defaultAcceptRules } from './accept-filter.ts';
