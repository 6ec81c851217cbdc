export {
  type BalancingOptions,
  type NetworkOptions,
  removePodRoutes,
  removeRules,
  runHealthChecks,
  runPodRoutes,
  runPodRules,
  runPolicies,
  runServiceEntrances,
  runServiceRules,
} from './run-network.ts';
export { type RulesPlace, rulesText } from './rules-text.ts';
export { StartingPods, UnknownPodError } from './policies/starting-pods.ts';
export { type NamesOptions, runNames } from './run-names.ts';
export { type IngressOptions, type IngressPlace, runIngress } from './run-ingress.ts';
export type { IngressPorts } from './ingress/open-ingress.ts';
export type { NamesDoor } from './names/names-port.ts';
export { NamesError } from './names/open-names.ts';
export { NftError } from './nftables/nft.ts';
