export { allControllers } from './all-controllers.ts';
export {
  type ClusterControllersOptions,
  createControllersElector,
  createSharedInformers,
  runControllers,
} from './run-controllers.ts';
export type { LegacyTokens, LoadBalancerAddresses } from './controller-parts.ts';
export { selectControllers } from './select-controllers.ts';
