import { type Clock, type Random, Secret } from '@fairway/host';
import {
  type KubernetesClaims,
  type ObjectReference,
  type ServiceAccountClaims,
  readClaims,
} from './service-account-claims.ts';
import type { ServiceAccountKey } from './service-account-key.ts';
import { serviceAccountUsername } from './well-known-names.ts';

export interface ServiceAccountTokenOptions {
  /** The first key signs; all keys verify. */
  readonly keys: readonly [ServiceAccountKey, ...ServiceAccountKey[]];
  /** The first is written into new tokens; tokens of all of them are ours. */
  readonly issuers: readonly [string, ...string[]];
  readonly clock: Clock;
  readonly random: Random;
}

export interface TokenWish {
  readonly namespace: string;
  readonly serviceAccount: ObjectReference;
  readonly audiences: readonly string[];
  readonly lifetimeSeconds: number;
  /** The token ends with this object. */
  readonly boundObject?: ObjectReference & { readonly kind: 'Pod' | 'Secret' | 'Node' };
  /** The node of a bound pod. */
  readonly node?: ObjectReference;
  /** After this time a client that still uses the token has not renewed it. */
  readonly warnAfterSeconds?: number;
}

export interface IssuedToken {
  readonly token: Secret;
  /** Milliseconds since 1970. */
  readonly expiresMs: number;
  /** The `jti` claim, by which an audit log names the token. */
  readonly tokenId: string;
}

export type TokenVerification =
  | { readonly kind: 'verified'; readonly claims: ServiceAccountClaims }
  /** Not a token of ours: malformed, or of another issuer. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'invalid'; readonly why: string };

/**
 * Issues and verifies the tokens of service accounts.
 *
 * `verify` judges what does not change: that one of our keys signed these claims. Expiry, audience
 * and whether the account still exists are asked at each request by the authenticator.
 * Source: RFC 7519; Kubernetes, TokenRequest API.
 */
export interface ServiceAccountTokens {
  readonly issue: (wish: TokenWish) => Promise<IssuedToken>;
  readonly verify: (token: string) => Promise<TokenVerification>;
}

export function serviceAccountTokens(options: ServiceAccountTokenOptions): ServiceAccountTokens {
  return {
    issue: (wish) => issue(options, wish),
    verify: (token) => verify(options, token),
  };
}

async function issue(
  { keys: [key], issuers: [issuer], clock, random }: ServiceAccountTokenOptions,
  wish: TokenWish,
): Promise<IssuedToken> {
  const now = Math.floor(clock.now() / 1000);
  const exp = now + wish.lifetimeSeconds;
  const jti = random.uuid();
  const { namespace, serviceAccount } = wish;
  const claims: ServiceAccountClaims = {
    aud: wish.audiences,
    exp,
    iat: now,
    iss: issuer,
    jti,
    'kubernetes.io': kubernetesClaims(wish, now),
    nbf: now,
    sub: serviceAccountUsername({ namespace, name: serviceAccount.name }),
  };
  const { SignJWT } = await loadJose();
  const token = await new SignJWT({ ...claims, aud: [...claims.aud] })
    .setProtectedHeader({ alg: key.algorithm, kid: key.keyId })
    .sign(key.privateKey);
  return { token: new Secret(token), expiresMs: exp * 1000, tokenId: jti };
}

function kubernetesClaims(wish: TokenWish, now: number): KubernetesClaims {
  const { boundObject: bound, node, warnAfterSeconds } = wish;
  const reference = bound === undefined ? undefined : { name: bound.name, uid: bound.uid };
  return {
    namespace: wish.namespace,
    ...(node === undefined ? {} : { node }),
    ...(bound?.kind === 'Node' && reference !== undefined ? { node: reference } : {}),
    ...(bound?.kind === 'Pod' && reference !== undefined ? { pod: reference } : {}),
    ...(bound?.kind === 'Secret' && reference !== undefined ? { secret: reference } : {}),
    serviceaccount: wish.serviceAccount,
    ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }),
  };
}

async function verify(
  { keys, issuers }: ServiceAccountTokenOptions,
  token: string,
): Promise<TokenVerification> {
  const jose = await loadJose();
  const read = readUnverified(jose, token);
  if (read === undefined || !issuers.includes(read.issuer)) return { kind: 'foreign' };
  const candidates = keys.filter(({ keyId }) => read.keyId === undefined || read.keyId === keyId);
  for (const key of candidates) {
    const payload = await signedPayload(jose, token, key);
    if (payload === undefined) continue;
    const claims = readClaims(JSON.parse(Buffer.from(payload).toString()));
    if (claims !== undefined) return { kind: 'verified', claims };
    return { kind: 'invalid', why: 'the token lacks claims of a service account' };
  }
  const why = candidates.length === 0 ? 'the token names a key that is not ours' : 'bad signature';
  return { kind: 'invalid', why };
}

type Jose = typeof import('jose');

/** Loaded with the first token, so that the server starts faster. */
function loadJose(): Promise<Jose> {
  return import('jose');
}

interface UnverifiedToken {
  readonly issuer: string;
  readonly keyId: unknown;
}

// Stricter than the library, which skips white space: one token has one spelling.
const compactToken = /^[\w-]+\.[\w-]+\.[\w-]*$/;

function readUnverified(jose: Jose, token: string): UnverifiedToken | undefined {
  if (!compactToken.test(token)) return undefined;
  try {
    const keyId = jose.decodeProtectedHeader(token).kid;
    return { issuer: jose.decodeJwt(token).iss ?? '', keyId };
  } catch (error) {
    // The library throws a TypeError for a malformed header.
    if (error instanceof jose.errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

async function signedPayload(
  jose: Jose,
  token: string,
  key: ServiceAccountKey,
): Promise<Uint8Array | undefined> {
  try {
    // The key decides the algorithm, never the token: no `none`, no HMAC with a public key.
    const options = { algorithms: [key.algorithm] };
    return (await jose.compactVerify(token, key.publicKey, options)).payload;
  } catch (error) {
    if (error instanceof jose.errors.JOSEError) return undefined;
    throw error;
  }
}
