/** How objects count in quotas, for those who count and those who charge. Loads nothing else of this package. */
export { type Evaluator, type Scope, scopeNames } from './quotas/evaluator.ts';
export {
  type KnownUsages,
  type NamespaceContent,
  deviceClaimResource,
  evaluatorOf,
  followedResources,
  isInScopes,
  quotaScopes,
  quotaUsage,
} from './quotas/quota-usage.ts';
export { type Usage, addUsage, none, readAmount } from './quotas/usage.ts';
