export type { AuthenticatedRequest, Next, TargetedRequest } from './authenticated-request.ts';
export { describeTarget } from './describe-target.ts';
export {
  type Authentication,
  type Authenticator,
  type TokenAuthentication,
  type TokenAuthenticator,
  firstAuthenticator,
  firstTokenAuthenticator,
} from './authenticator.ts';
export { authenticate, withAuthenticatedGroup } from './authenticate.ts';
export { bearerTokenAuthenticator } from './bearer-token-authenticator.ts';
export { type StaticToken, staticTokenAuthenticator } from './static-token-authenticator.ts';
export {
  type AccessAttributes,
  type Authorizer,
  type Decision,
  firstAuthorizer,
} from './authorizer.ts';
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
