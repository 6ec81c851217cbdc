import type { UserStanza } from '@fairway/client/kubeconfig';

/** Where a credential comes from: the first that a user has, in the order in which the client library takes them. */
export type CredentialSource =
  | 'service account'
  | 'token file'
  | 'token'
  | 'password'
  | 'issuer'
  | 'certificate'
  | 'plugin'
  | 'none';

/** Undefined is the user of a pod. */
export function credentialSource(user: UserStanza | undefined): CredentialSource {
  if (user === undefined) return 'service account';
  if (user.tokenFile) return 'token file';
  if (user.token?.reveal()) return 'token';
  if (user.username || user.password?.reveal()) return 'password';
  if (user['auth-provider'] !== undefined) return 'issuer';
  if (user['client-certificate-data'] || user['client-certificate']) return 'certificate';
  return user.exec === undefined ? 'none' : 'plugin';
}
