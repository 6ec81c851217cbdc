/** Identity tokens of other issuers. Apart from the rest, because it needs expressions. */
export type { ClaimRules } from './open-id/claim-mappings.ts';
export type { DialIssuer } from './open-id/issuer-keys.ts';
export { OpenIdAuthenticator, type OpenIdIssuer } from './open-id/open-id-authenticator.ts';
export {
  type AuthenticationConfiguration,
  AuthenticationConfigurationError,
  readAuthenticationConfiguration,
} from './open-id/authentication-configuration.ts';
export { signingAlgorithms } from './open-id/verify-id-token.ts';
