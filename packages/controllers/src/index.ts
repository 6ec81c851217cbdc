export { type ClusterControllersOptions, runControllers } from './run-controllers.ts';
export type { ControllerParts } from './controller-parts.ts';
export { serviceAccounts } from './service-accounts/service-accounts.ts';
export { rootCa } from './root-ca/root-ca.ts';
export { clusterRoles } from './cluster-roles/cluster-roles.ts';
export { namespaces } from './namespaces/namespaces.ts';
export { claimProtection, volumeProtection } from './storage-protection/storage-protection.ts';
export { garbage } from './garbage/garbage.ts';
