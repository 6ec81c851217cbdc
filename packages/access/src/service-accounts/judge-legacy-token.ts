import type { Clock } from '@fairway/host';
import type { LegacyTokenClaims } from './legacy-token-claims.ts';
import {
  type TokenLookups,
  invalidSinceLabel,
  lastUsedLabel,
} from '../authentication/token-lookups.ts';
import { serviceAccountUsername } from '../well-known-names.ts';

/**
 * Says why a token from a secret is not good any more; undefined when it is. The secret must hold
 * this very token, and its account must be the one that it was made for.
 *
 * Source: Kubernetes, legacy service-account tokens; KEP-2799 (last use, invalidation).
 */
export async function judgeLegacyToken(
  { clock, ...lookups }: TokenLookups & { readonly clock: Clock },
  token: string,
  claims: LegacyTokenClaims,
): Promise<string | undefined> {
  const { sub, namespace, secretName, accountName: name, accountUid } = claims;
  if (sub !== serviceAccountUsername({ namespace, name })) return 'sub claim is invalid';
  const secret = await lookups.findTokenSecret(namespace, secretName);
  if (secret === undefined || secret.deletionTimestamp !== undefined) {
    return 'Token has been invalidated';
  }
  if (secret.token !== token) return "Token does not match server's copy";
  const account = await lookups.findServiceAccount(namespace, name);
  if (account === undefined) return `serviceaccounts ${JSON.stringify(name)} not found`;
  if (account.deletionTimestamp !== undefined) {
    return `ServiceAccount ${namespace}/${name} has been deleted`;
  }
  if (account.uid !== accountUid) {
    return `ServiceAccount UID (${account.uid}) does not match claim (${accountUid})`;
  }
  if (secret.labels[invalidSinceLabel]) {
    return `the token in secret ${namespace}/${secretName} for service account ${namespace}/${name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSinceLabel}' label from the secret to temporarily allow use of this token`;
  }
  const today = new Date(clock.now()).toISOString().slice(0, 10);
  if (secret.labels[lastUsedLabel] !== today) await lookups.noteUsed(namespace, secretName, today);
  return undefined;
}
