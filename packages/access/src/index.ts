export type {
  AuthenticatedRequest,
  AuthorizedRequest,
  Next,
  TargetedRequest,
} from './authenticated-request.ts';
export { describeTarget } from './describe-target.ts';
export {
  type Authentication,
  type Authenticator,
  type TokenAuthentication,
  type TokenAuthenticator,
  firstAuthenticator,
  firstTokenAuthenticator,
} from './authenticator.ts';
export { type AnonymousAccess, withAnonymous } from './anonymous-access.ts';
export { authenticate, withAuthenticatedGroup } from './authenticate.ts';
export { CertificateAuthorities, CertificateAuthoritiesError } from './certificate-authorities.ts';
export { clientCertificateAuthenticator } from './client-certificate-authenticator.ts';
export { type FrontProxy, frontProxyAuthenticator } from './front-proxy-authenticator.ts';
export { type IdentityHeaders, standardIdentityHeaders } from './identity-headers.ts';
export { bearerTokenAuthenticator } from './bearer-token-authenticator.ts';
export {
  type BootstrapTokenOptions,
  type BootstrapTokenSecret,
  bootstrapTokenAuthenticator,
} from './bootstrap-token-authenticator.ts';
export { type StaticToken, staticTokenAuthenticator } from './static-token-authenticator.ts';
export { StaticTokenFileError, parseStaticTokenFile } from './static-token-file.ts';
export {
  type AccessAttributes,
  type Authorizer,
  type Decision,
  firstAuthorizer,
} from './authorizer.ts';
export {
  type AuthorizationMode,
  type GrantedRules,
  alwaysAllow,
  alwaysDeny,
  firstMode,
} from './authorization-mode.ts';
export {
  type IsNeeded,
  type NeededObject,
  type NeededPlural,
  nodeAuthorizer,
} from './node-authorizer.ts';
export {
  type BuiltInType,
  type ConfiguredAuthorizer,
  type ReadConfiguration,
  type WebhookConfiguration,
  readAuthorizationConfiguration,
} from './authorization-configuration.ts';
export { type MatchConditions, unconditional } from './match-conditions.ts';
export { type WebhookAuthorizerOptions, webhookAuthorizer } from './webhook-authorizer.ts';
export { nodeNameOf, nodesGroup } from './node-identity.ts';
export { accessForbidden, authorize, requireAccess } from './authorize.ts';
export { privilegedGroupAuthorizer } from './privileged-group-authorizer.ts';
export { impersonate } from './impersonate.ts';
export {
  type ServiceAccountName,
  anonymousUser,
  authenticatedGroup,
  mastersGroup,
  parseServiceAccountUsername,
  serviceAccountGroups,
  serviceAccountUsername,
  serviceAccountsGroup,
  unauthenticatedGroup,
} from './well-known-names.ts';
export type {
  ClusterRole,
  PolicyRule,
  RbacPolicy,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from './rbac-policy.ts';
export { type RbacAuthorizer, rbacAuthorizer } from './rbac-authorizer.ts';
export { indexPolicy, RbacIndex } from './rbac-index.ts';
export { compactRules, uncoveredRules } from './covers-rules.ts';
export { type Holder, type Holders, whoCan } from './who-can.ts';
export {
  type EscalationGuard,
  type RoleWrite,
  checkBindingWrite,
  checkRoleWrite,
} from './check-escalation.ts';
export {
  type ServiceAccountKey,
  ServiceAccountKeyError,
  type ServiceAccountKeys,
  type VerificationKey,
  loadServiceAccountKeys,
  readSigningKey,
  readVerificationKeys,
  serviceAccountKeys,
} from './service-account-key.ts';
export type { ObjectReference, ServiceAccountClaims } from './service-account-claims.ts';
export {
  type IssuedToken,
  type ServiceAccountTokenOptions,
  type ServiceAccountTokens,
  type TokenWish,
  legacyTokenIssuer,
  serviceAccountTokens,
} from './service-account-tokens.ts';
export { type LegacyTokenWish, legacyIssuer } from './legacy-token-claims.ts';
export {
  type BoundKind,
  type LiveObject,
  type TokenLookups,
  type TokenSecret,
  invalidSinceLabel,
  lastUsedLabel,
} from './token-lookups.ts';
export {
  type ServiceAccountTokenAuthenticatorOptions,
  serviceAccountTokenAuthenticator,
} from './service-account-token-authenticator.ts';
export {
  type OpenIdConfiguration,
  jsonWebKeySet,
  openIdConfiguration,
} from './openid-documents.ts';
export {
  type AccessReview,
  type AccessReviewStatus,
  type RulesReview,
  type RulesReviewStatus,
  type SubjectReview,
  reviewLocalSubjectAccess,
  reviewSelfSubjectAccess,
  reviewSelfSubjectRules,
  reviewSubjectAccess,
} from './access-reviews.ts';
export {
  type TokenReview,
  type TokenReviewStatus,
  checkTokenLifetime,
  reviewSelfSubject,
  reviewToken,
} from './identity-reviews.ts';
export {
  type WebhookTokenOptions,
  webhookTokenAuthenticator,
} from './webhook-token-authenticator.ts';
