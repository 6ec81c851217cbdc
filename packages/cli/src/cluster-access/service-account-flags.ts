import { resolve } from 'node:path';
import { CommandError } from '../command-error.ts';

/** How a user wants the tokens of service accounts, by the flags of a kube-apiserver. */
export interface ServiceAccountFlags {
  readonly serviceAccountKeyFile?: readonly string[];
  readonly serviceAccountSigningKeyFile?: string;
  readonly serviceAccountIssuer?: readonly string[];
  readonly serviceAccountJwksUri?: string;
  readonly apiAudiences?: readonly string[];
  readonly serviceAccountMaxTokenExpiration?: string;
  /** Ours: every account gets a secret with a token, as before Kubernetes 1.24. */
  readonly legacyServiceAccountTokens?: boolean;
}

/** How a cluster makes the tokens of service accounts. Paths are absolute. */
export interface ServiceAccountOptions {
  /** Whose tokens are accepted, besides those of the signing key. */
  readonly keyFiles: readonly string[];
  /** The key in the data directory when absent. */
  readonly signingKeyFile?: string;
  readonly issuers?: readonly [string, ...string[]];
  readonly jwksUri?: string;
  readonly audiences?: readonly string[];
  readonly lifetimeSecondsMax?: number;
  /** Every account has a secret with a token. */
  readonly hasLegacyTokens: boolean;
}

/** Errors: `CommandError` for a value that a kube-apiserver would refuse too. */
export function parseServiceAccountFlags(
  flags: ServiceAccountFlags,
  workingDirectory: string,
): ServiceAccountOptions {
  const { serviceAccountSigningKeyFile: signing, serviceAccountJwksUri: jwksUri } = flags;
  const [issuer, ...moreIssuers] = flags.serviceAccountIssuer ?? [];
  for (const each of flags.serviceAccountIssuer ?? []) checkIssuer(each);
  if (jwksUri !== undefined && urlOf(jwksUri)?.protocol !== 'https:') {
    throw refuse('service-account-jwks-uri', `${quote(jwksUri)} is not a URL that begins https://`);
  }
  if (flags.apiAudiences?.includes('') === true) {
    throw refuse('api-audiences', 'an audience is empty');
  }
  const lifetime = flags.serviceAccountMaxTokenExpiration;
  return {
    keyFiles: (flags.serviceAccountKeyFile ?? []).map((file) => resolve(workingDirectory, file)),
    ...(signing === undefined ? {} : { signingKeyFile: resolve(workingDirectory, signing) }),
    ...(issuer === undefined ? {} : { issuers: [issuer, ...moreIssuers] }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(flags.apiAudiences === undefined ? {} : { audiences: flags.apiAudiences }),
    ...(lifetime === undefined ? {} : { lifetimeSecondsMax: lifetimeSeconds(lifetime) }),
    hasLegacyTokens: flags.legacyServiceAccountTokens === true,
  };
}

/** An issuer is any text, but one with a colon is to be a URL. Source: RFC 7519, StringOrURI. */
function checkIssuer(issuer: string): void {
  if (issuer === '') throw refuse('service-account-issuer', 'it is empty');
  if (!issuer.includes(':') || urlOf(issuer) !== undefined) return;
  throw refuse('service-account-issuer', `${quote(issuer)} has a colon and is not a URL`);
}

/** `1h0m0s` as seconds. */
function lifetimeSeconds(text: string): number {
  const [whole, hours = '0', minutes = '0', seconds = '0'] =
    /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const total = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  if (whole !== undefined && total >= 3_600 && total <= 2 ** 32) return total;
  const why = `${quote(text)} is not between 1 hour and 2^32 seconds, as "8h" or "1h30m"`;
  throw refuse('service-account-max-token-expiration', why);
}

function urlOf(text: string): URL | undefined {
  return URL.parse(text) ?? undefined;
}

function refuse(flag: string, why: string): CommandError {
  return new CommandError(`cannot use --${flag}: ${why}`);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
