import { isJsonObject } from '@fairway/protocol';

/** What a token says of itself. Nobody has verified it: only the server can. */
export interface TokenClaims {
  readonly issuer?: string;
  readonly subject?: string;
  readonly audiences: readonly string[];
  readonly issuedAtMs?: number;
  readonly notBeforeMs?: number;
  readonly expiresMs?: number;
}

/** Reads the claims of a JSON Web Token; undefined for a token of another kind. Source: RFC 7519 §4.1. */
export function readTokenClaims(token: string): TokenClaims | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!isJsonObject(claims)) return undefined;
  const { iss, sub, aud, iat, nbf, exp } = claims;
  return {
    audiences: [aud ?? []].flat().filter((each): each is string => typeof each === 'string'),
    ...(typeof iss === 'string' ? { issuer: iss } : {}),
    ...(typeof sub === 'string' ? { subject: sub } : {}),
    ...(typeof iat === 'number' ? { issuedAtMs: iat * 1000 } : {}),
    ...(typeof nbf === 'number' ? { notBeforeMs: nbf * 1000 } : {}),
    ...(typeof exp === 'number' ? { expiresMs: exp * 1000 } : {}),
  };
}
