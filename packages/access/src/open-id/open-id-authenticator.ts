import type { Clock } from '@fairway/host';
import {
  type TokenAuthentication,
  type TokenAuthenticator,
  rejected,
  unrecognised,
} from '../authentication/authenticator.ts';
import { type ClaimRules, ClaimsRefused, userOfClaims } from './claim-mappings.ts';
import { IssuerKeys, type IssuerKeysParts, type IssuerPlace } from './issuer-keys.ts';
import { type Claims, claimedIssuer, verifyIdToken } from './verify-id-token.ts';

/** Whose identity tokens count, for whom they must be meant, and what they say. */
export interface OpenIdIssuer extends IssuerPlace {
  /** A token must be for one of them. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly rules: ClaimRules;
}

/** Clocks of issuers may be ahead by so much. */
const notBeforeLeewaySeconds = 5 * 60;

/**
 * Authenticates by identity tokens of issuers that may change while the server runs. Each has its own keys:
 * one that is down keeps nobody else's tokens from counting.
 *
 * Source: OpenID Connect Core 1.0; KEP-3331 (structured authentication configuration).
 */
export class OpenIdAuthenticator {
  readonly #parts: IssuerKeysParts;
  #issuers: ReadonlyMap<string, { readonly issuer: OpenIdIssuer; readonly keys: IssuerKeys }> =
    new Map();

  constructor(issuers: readonly OpenIdIssuer[], parts: IssuerKeysParts) {
    this.#parts = parts;
    this.replace(issuers);
  }

  /** Believes these issuers from now on. Keys of those whose place is the same stay known. */
  replace(issuers: readonly OpenIdIssuer[]): void {
    const before = this.#issuers;
    this.#issuers = new Map(
      issuers.map((issuer) => {
        const known = before.get(issuer.url);
        const keys =
          known !== undefined && isSamePlace(known.issuer, issuer)
            ? known.keys
            : new IssuerKeys(issuer, this.#parts);
        return [issuer.url, { issuer, keys }];
      }),
    );
  }

  readonly authenticate: TokenAuthenticator = async (token): Promise<TokenAuthentication> => {
    const found = this.#issuers.get(claimedIssuer(token) ?? '');
    if (found === undefined) return unrecognised;
    const { issuer, keys } = found;
    const verification = await verifyIdToken(token, keys, issuer.algorithms);
    if (verification.kind === 'invalid') return rejected(verification.why);
    return judge(verification.claims, issuer, this.#parts.clock);
  };
}

function isSamePlace(one: OpenIdIssuer, other: OpenIdIssuer): boolean {
  return (
    one.discoveryUrl === other.discoveryUrl &&
    one.certificateAuthority === other.certificateAuthority
  );
}

function judge(claims: Claims, issuer: OpenIdIssuer, clock: Clock): TokenAuthentication {
  const nowSeconds = clock.now() / 1000;
  const { iss, aud, exp, nbf } = claims;
  if (iss !== issuer.url) return rejected('the token is of another issuer');
  if (typeof exp !== 'number' || exp <= nowSeconds) return rejected('the token has expired');
  const startsSeconds = typeof nbf === 'number' ? nbf : 0;
  if (startsSeconds > nowSeconds + notBeforeLeewaySeconds) {
    return rejected('the token is not valid yet');
  }
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!issuer.audiences.some((each) => audiences.includes(each))) {
    return rejected('the token is for others');
  }
  try {
    return { kind: 'authenticated', user: userOfClaims(claims, issuer.rules) };
  } catch (error) {
    if (error instanceof ClaimsRefused) return rejected(error.message);
    throw error;
  }
}
