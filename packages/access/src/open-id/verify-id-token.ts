import { isJsonObject } from '@fairway/protocol';
import type { IssuerKey, IssuerKeys } from './issuer-keys.ts';

/** What an identity token says. */
export type Claims = Readonly<Record<string, unknown>>;

export type IdTokenVerification =
  | { readonly kind: 'verified'; readonly claims: Claims }
  | { readonly kind: 'invalid'; readonly why: string };

/** Every algorithm with a public key of RSA or of an elliptic curve. */
export const signingAlgorithms: readonly string[] =
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512'.split(' ');

// Stricter than the library, which skips white space: one token has one spelling.
const compactToken = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The issuer that a token names, not verified; undefined for what is no such token. */
export function claimedIssuer(token: string): string | undefined {
  if (!compactToken.test(token)) return undefined;
  const claims = readJson(token.split('.')[1] ?? '');
  return typeof claims?.['iss'] === 'string' ? claims['iss'] : undefined;
}

/**
 * Verifies that a key of the issuer signed a token. What the claims mean is judged afterwards.
 *
 * Source: RFC 7515 §5.2; OpenID Connect Core 1.0 §3.1.3.7.
 */
export async function verifyIdToken(
  token: string,
  keys: IssuerKeys,
  algorithms: readonly string[],
): Promise<IdTokenVerification> {
  const { alg, kid } = readJson(token.split('.')[0] ?? '') ?? {};
  if (typeof alg !== 'string' || !algorithms.includes(alg)) {
    return invalid('the token is not signed by an algorithm that counts');
  }
  const found = await keys.find(typeof kid === 'string' ? kid : undefined);
  if ('why' in found) return invalid(found.why);
  const fit = found.filter((each) => isFor(each, alg));
  if (fit.length === 0) return invalid('the token names a key that its issuer has not');
  for (const each of fit) {
    const payload = await signedPayload(token, each, alg);
    if (payload === undefined) continue;
    const claims = parseObject(Buffer.from(payload).toString());
    return claims === undefined
      ? invalid('the claims are no object')
      : { kind: 'verified', claims };
  }
  return invalid('bad signature');
}

const curves: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
};

/** The key decides what the algorithm may be, never the token alone. */
function isFor({ key, algorithm }: IssuerKey, asked: string): boolean {
  if (algorithm !== undefined && algorithm !== asked) return false;
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  return asked in curves ? namedCurve === curves[asked] : modulusLength >= 2048;
}

async function signedPayload(
  token: string,
  { key }: IssuerKey,
  algorithm: string,
): Promise<Uint8Array | undefined> {
  const { compactVerify, errors } = await import('jose');
  try {
    return (await compactVerify(token, key, { algorithms: [algorithm] })).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function readJson(base64: string): Claims | undefined {
  return parseObject(Buffer.from(base64, 'base64url').toString());
}

function parseObject(text: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function invalid(why: string): IdTokenVerification {
  return { kind: 'invalid', why };
}
