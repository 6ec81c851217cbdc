import type { VerificationKey } from './service-account-key.ts';

/** What a relying party needs to check our tokens by itself. Source: OpenID Connect Discovery 1.0. */
export interface OpenIdConfiguration {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly response_types_supported: readonly string[];
  readonly subject_types_supported: readonly string[];
  readonly id_token_signing_alg_values_supported: readonly string[];
}

/** The document at `/.well-known/openid-configuration`. */
export function openIdConfiguration(
  keys: readonly VerificationKey[],
  urls: { readonly issuer: string; readonly jwksUri: string },
): OpenIdConfiguration {
  return {
    issuer: urls.issuer,
    jwks_uri: urls.jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.map((each) => each.algorithm))].sort(),
  };
}

/** The document at `/openid/v1/jwks`: public keys only. Source: RFC 7517. */
export function jsonWebKeySet(keys: readonly VerificationKey[]): {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
} {
  return { keys: keys.map(jsonWebKey) };
}

function jsonWebKey({ publicKey, keyId, algorithm }: VerificationKey): Record<string, unknown> {
  const { kty, crv, x, y, n, e } = publicKey.export({ format: 'jwk' });
  const numbers = kty === 'EC' ? { crv, alg: algorithm, x, y } : { alg: algorithm, n, e };
  return { use: 'sig', kty, kid: keyId, ...numbers };
}
