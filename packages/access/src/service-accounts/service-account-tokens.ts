import { type Clock, type Random, Secret } from '@fairway/host';
import {
  type KubernetesClaims,
  type ObjectReference,
  type ServiceAccountClaims,
  readClaims,
} from './service-account-claims.ts';
import {
  type LegacyTokenClaims,
  type LegacyTokenWish,
  legacyIssuer,
  legacyPayload,
  readLegacyClaims,
} from './legacy-token-claims.ts';
import type { ServiceAccountKeys, VerificationKey } from './service-account-key.ts';
import { serviceAccountUsername } from '../well-known-names.ts';

export interface ServiceAccountTokenOptions {
  /** Asked for each token: keys may rotate. */
  readonly keys: () => ServiceAccountKeys;
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
  /** The node of a bound pod; its uid is empty when there is no such node. */
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
  | VerifiedToken
  /** Not a token of ours: malformed, or of another issuer. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'invalid'; readonly why: string };

/** What one of our keys has signed. */
export type VerifiedToken =
  | { readonly kind: 'requested'; readonly claims: ServiceAccountClaims; readonly keyId: string }
  /** A token that lies in a secret. */
  | { readonly kind: 'legacy'; readonly claims: LegacyTokenClaims; readonly keyId: string };

/**
 * Issues and verifies the tokens of service accounts.
 *
 * `verify` judges what does not change: that one of our keys signed these claims. Expiry, audience
 * and whether the account still exists are asked at each request by the authenticator.
 * Source: RFC 7519; Kubernetes, TokenRequest API.
 */
export interface ServiceAccountTokens {
  readonly issue: (wish: TokenWish) => Promise<IssuedToken>;
  /** Whether tokens of this key are still accepted. */
  readonly isTrusted: (keyId: string) => boolean;
  readonly verify: (token: string) => Promise<TokenVerification>;
}

export function serviceAccountTokens(options: ServiceAccountTokenOptions): ServiceAccountTokens {
  return {
    issue: (wish) => issue(options, wish),
    isTrusted: (keyId) => options.keys().verifying.some((key) => key.keyId === keyId),
    verify: (token) => verify(options, token),
  };
}

/** Makes tokens for secrets of type `kubernetes.io/service-account-token`. */
export function legacyTokenIssuer(
  keys: ServiceAccountTokenOptions['keys'],
): (wish: LegacyTokenWish) => Promise<Secret> {
  return (wish) => sign(keys(), legacyPayload(wish));
}

async function issue(options: ServiceAccountTokenOptions, wish: TokenWish): Promise<IssuedToken> {
  const {
    issuers: [issuer],
    clock,
    random,
  } = options;
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
  const token = await sign(options.keys(), { ...claims, aud: [...claims.aud] });
  return { token, expiresMs: exp * 1000, tokenId: jti };
}

async function sign(
  { signing }: ServiceAccountKeys,
  payload: Record<string, unknown>,
): Promise<Secret> {
  const { SignJWT } = await loadJose();
  const token = await new SignJWT(payload)
    .setProtectedHeader({ alg: signing.algorithm, kid: signing.keyId })
    .sign(signing.privateKey);
  return new Secret(token);
}

function kubernetesClaims(wish: TokenWish, now: number): KubernetesClaims {
  const { boundObject: bound, node, warnAfterSeconds } = wish;
  const reference = bound === undefined ? undefined : { name: bound.name, uid: bound.uid };
  return {
    namespace: wish.namespace,
    ...(node === undefined ? {} : { node: nodeClaim(node) }),
    ...(bound?.kind === 'Node' && reference !== undefined ? { node: reference } : {}),
    ...(bound?.kind === 'Pod' && reference !== undefined ? { pod: reference } : {}),
    ...(bound?.kind === 'Secret' && reference !== undefined ? { secret: reference } : {}),
    serviceaccount: wish.serviceAccount,
    ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }),
  };
}

// The node of a pod may not be there yet; a kube-apiserver leaves its uid out then.
function nodeClaim({ name, uid }: ObjectReference): ObjectReference {
  return (uid === '' ? { name } : { name, uid }) as ObjectReference;
}

async function verify(
  { keys, issuers }: ServiceAccountTokenOptions,
  token: string,
): Promise<TokenVerification> {
  const jose = await loadJose();
  const read = readUnverified(jose, token);
  if (read === undefined || ![legacyIssuer, ...issuers].includes(read.issuer)) {
    return { kind: 'foreign' };
  }
  const candidates = keys().verifying.filter(
    ({ keyId }) => read.keyId === undefined || read.keyId === keyId,
  );
  for (const key of candidates) {
    const payload = await signedPayload(jose, token, key);
    if (payload === undefined) continue;
    return readSigned(read.issuer, JSON.parse(Buffer.from(payload).toString()), key.keyId);
  }
  return { kind: 'invalid', why: 'go-jose/go-jose: error in cryptographic primitive' };
}

function readSigned(issuer: string, payload: unknown, keyId: string): TokenVerification {
  if (issuer !== legacyIssuer) {
    const claims = readClaims(payload);
    if (claims !== undefined) return { kind: 'requested', claims, keyId };
    return { kind: 'invalid', why: 'the token lacks claims of a service account' };
  }
  const claims = readLegacyClaims(payload);
  if (typeof claims === 'string') return { kind: 'invalid', why: `${claims} claim is missing` };
  return { kind: 'legacy', claims, keyId };
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
  key: VerificationKey,
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
