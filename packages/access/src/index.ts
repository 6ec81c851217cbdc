export type {
  AuditNotes,
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
} from './authentication/authenticator.ts';
export { type AnonymousAccess, withAnonymous } from './authentication/anonymous-access.ts';
export { authenticate, withAuthenticatedGroup } from './authentication/authenticate.ts';
export {
  CertificateAuthorities,
  CertificateAuthoritiesError,
} from './authentication/certificate-authorities.ts';
export { clientCertificateAuthenticator } from './authentication/client-certificate-authenticator.ts';
export {
  type FrontProxy,
  frontProxyAuthenticator,
} from './authentication/front-proxy-authenticator.ts';
export {
  type IdentityHeaders,
  identityHeadersOf,
  standardIdentityHeaders,
} from './authentication/identity-headers.ts';
export {
  bearerTokenAuthenticator,
  withoutBearerProtocol,
} from './authentication/bearer-token-authenticator.ts';
export {
  type BootstrapTokenOptions,
  type BootstrapTokenSecret,
  bootstrapTokenAuthenticator,
} from './authentication/bootstrap-token-authenticator.ts';
export {
  type StaticToken,
  staticTokenAuthenticator,
} from './authentication/static-token-authenticator.ts';
export { StaticTokenFileError, parseStaticTokenFile } from './authentication/static-token-file.ts';
export {
  type AccessAttributes,
  type Authorizer,
  type Decision,
  firstAuthorizer,
  joinErrors,
} from './authorization/authorizer.ts';
export {
  type AuthorizationMode,
  type GrantedRules,
  alwaysAllow,
  alwaysDeny,
  firstMode,
} from './authorization/authorization-mode.ts';
export {
  type IsNeeded,
  type NeededObject,
  type NeededPlural,
  nodeAuthorizer,
} from './authorization/node-authorizer.ts';
export {
  type BuiltInType,
  type ConfiguredAuthorizer,
  type ReadConfiguration,
  type WebhookConfiguration,
  readAuthorizationConfiguration,
} from './authorization/authorization-configuration.ts';
export { type MatchConditions, unconditional } from './authorization/match-conditions.ts';
export {
  type WebhookAuthorizerOptions,
  webhookAuthorizer,
} from './authorization/webhook-authorizer.ts';
export { nodeNameOf, nodesGroup } from './authorization/node-identity.ts';
export { accessForbidden, authorize, requireAccess } from './authorization/authorize.ts';
export { privilegedGroupAuthorizer } from './authorization/privileged-group-authorizer.ts';
export { impersonate } from './impersonation/impersonate.ts';
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
} from './authorization/rbac-policy.ts';
export { type RbacAuthorizer, rbacAuthorizer } from './authorization/rbac-authorizer.ts';
export { indexPolicy, RbacIndex } from './authorization/rbac-index.ts';
export { isEveryonesRight, neededRights, runsInPod } from './recording/needed-rights.ts';
export {
  type AnsweredRequest,
  RecordedRights,
  type RecordingOptions,
  type ScopedRule,
} from './recording/recorded-rights.ts';
export { AuditLineError, type AuditedRequest, readAuditLine } from './recording/audited-request.ts';
export { roleRules } from './recording/role-rules.ts';
export { compactRules, uncoveredRules } from './authorization/covers-rules.ts';
export { type Holder, type Holders, whoCan } from './authorization/who-can.ts';
export {
  type EscalationGuard,
  type RoleWrite,
  checkBindingWrite,
  checkRoleWrite,
} from './authorization/check-escalation.ts';
export {
  type ServiceAccountKey,
  ServiceAccountKeyError,
  type ServiceAccountKeys,
  type VerificationKey,
  loadServiceAccountKeys,
  readSigningKey,
  readVerificationKeys,
  serviceAccountKeys,
} from './service-accounts/service-account-key.ts';
export type {
  ObjectReference,
  ServiceAccountClaims,
} from './service-accounts/service-account-claims.ts';
export {
  type IssuedToken,
  type ServiceAccountTokenOptions,
  type ServiceAccountTokens,
  type TokenWish,
  legacyTokenIssuer,
  serviceAccountTokens,
} from './service-accounts/service-account-tokens.ts';
export { type LegacyTokenWish, legacyIssuer } from './service-accounts/legacy-token-claims.ts';
export {
  type BoundKind,
  type LiveObject,
  type TokenLookups,
  type TokenSecret,
  invalidSinceLabel,
  lastUsedLabel,
} from './authentication/token-lookups.ts';
export {
  type ServiceAccountTokenAuthenticatorOptions,
  serviceAccountTokenAuthenticator,
} from './service-accounts/service-account-token-authenticator.ts';
export {
  type OpenIdConfiguration,
  jsonWebKeySet,
  openIdConfiguration,
} from './service-accounts/openid-documents.ts';
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
} from './reviews/access-reviews.ts';
export {
  type TokenReview,
  type TokenReviewStatus,
  checkTokenLifetime,
  reviewSelfSubject,
  reviewToken,
} from './reviews/identity-reviews.ts';
export {
  type WebhookTokenOptions,
  webhookTokenAuthenticator,
} from './authentication/webhook-token-authenticator.ts';
