import { isJsonObject } from '@fairway/protocol';
import { type ServiceAccountName, serviceAccountUsername } from '../well-known-names.ts';

/** Who signed the tokens in secrets, whatever issuer a cluster has. */
export const legacyIssuer = 'kubernetes/serviceaccount';

/** What a token in a secret says. It has no end and no audience. Source: Kubernetes, legacy tokens. */
export interface LegacyTokenClaims {
  readonly sub: string;
  readonly namespace: string;
  readonly secretName: string;
  readonly accountName: string;
  readonly accountUid: string;
}

/** Where a token in a secret belongs. */
export interface LegacyTokenWish {
  readonly account: ServiceAccountName & { readonly uid: string };
  readonly secretName: string;
}

/** The claims as they are signed. */
export function legacyPayload({ account, secretName }: LegacyTokenWish): Record<string, string> {
  return {
    iss: legacyIssuer,
    [claimNames.namespace]: account.namespace,
    [claimNames.secretName]: secretName,
    [claimNames.accountName]: account.name,
    [claimNames.accountUid]: account.uid,
    sub: serviceAccountUsername(account),
  };
}

const claimNames = {
  namespace: 'kubernetes.io/serviceaccount/namespace',
  secretName: 'kubernetes.io/serviceaccount/secret.name',
  accountName: 'kubernetes.io/serviceaccount/service-account.name',
  accountUid: 'kubernetes.io/serviceaccount/service-account.uid',
} as const;

/** The claims of a signed token; the name of the first one that is missing otherwise. */
export function readLegacyClaims(payload: unknown): LegacyTokenClaims | string {
  const claims = isJsonObject(payload) ? payload : {};
  const found: Record<string, string> = {};
  for (const [name, claim, shown] of [
    ['sub', 'sub', 'sub'],
    ['namespace', claimNames.namespace, 'namespace'],
    ['secretName', claimNames.secretName, 'secretName'],
    ['accountName', claimNames.accountName, 'serviceAccountName'],
    ['accountUid', claimNames.accountUid, 'serviceAccountUID'],
  ] as const) {
    const value = claims[claim];
    if (typeof value !== 'string' || value === '') return shown;
    found[name] = value;
  }
  return found as unknown as LegacyTokenClaims;
}
