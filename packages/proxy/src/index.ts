export { type Proxy, type ProxyOptions, type ProxyTransport, createProxy } from './create-proxy.ts';
export { type AcceptRules, defaultAcceptRules } from './accept-filter.ts';
