import type { Clock } from '@fairway/host';
import type { UserInfo } from '@fairway/protocol';
import {
  type TokenAuthentication,
  type TokenAuthenticator,
  rejected,
  unrecognised,
} from './authenticator.ts';
import type { ObjectReference, ServiceAccountClaims } from './service-account-claims.ts';
import { rememberVerified } from './remember-verified.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import {
  authenticatedGroup,
  serviceAccountGroups,
  serviceAccountUsername,
} from './well-known-names.ts';

/**
 * What an authenticator must know of an object that a token is bound to: without it the token is
 * invalid.
 */
export interface LiveObject {
  readonly uid: string;
  /** RFC 3339; set while the object waits to be deleted. */
  readonly deletionTimestamp?: string;
}

export interface ServiceAccountTokenAuthenticatorOptions {
  readonly tokens: ServiceAccountTokens;
  readonly clock: Clock;
  /** The audiences of this server: what a token without a better one is checked for. */
  readonly audiences: readonly string[];
  /** Undefined when there is no such account. */
  readonly findServiceAccount: (
    namespace: string,
    name: string,
  ) => LiveObject | undefined | Promise<LiveObject | undefined>;
  /** The pod, secret or node that a token is bound to. `namespace` is empty for a node. */
  readonly findBoundObject: (
    kind: BoundKind,
    namespace: string,
    name: string,
  ) => LiveObject | undefined | Promise<LiveObject | undefined>;
  /** How many verified signatures are remembered. */
  readonly verifiedTokensMax?: number;
}

export type BoundKind = 'pod' | 'secret' | 'node';

/**
 * Authenticates service accounts by the tokens that this cluster issued.
 *
 * Each request asks anew whether the token has expired, is meant for us, and whether its account
 * and bound object still exist; only the signature's verdict is remembered.
 * Source: KEP-1205 (bound tokens), KEP-4193 (node claims, credential id).
 */
export function serviceAccountTokenAuthenticator(
  options: ServiceAccountTokenAuthenticatorOptions,
): TokenAuthenticator {
  const verify = rememberVerified((token) => options.tokens.verify(token), options);
  return async (token, audiences) => {
    const verification = await verify(token);
    if (verification.kind === 'foreign') return unrecognised;
    if (verification.kind === 'invalid') return rejected(verification.why);
    return judge(options, verification.claims, audiences);
  };
}

/** Kubernetes grants an object that is being deleted a minute in which its tokens still work. */
const deletionLeewayMs = 60_000;
/** Clocks of two servers may differ by so much. */
const clockSkewSeconds = 60;

async function judge(
  options: ServiceAccountTokenAuthenticatorOptions,
  claims: ServiceAccountClaims,
  wantedAudiences: readonly string[],
): Promise<TokenAuthentication> {
  const nowSeconds = options.clock.now() / 1000;
  if (claims.exp <= nowSeconds) return rejected('the token has expired');
  if (claims.nbf > nowSeconds + clockSkewSeconds) return rejected('the token is not valid yet');
  const wanted = wantedAudiences.length === 0 ? options.audiences : wantedAudiences;
  const audiences = wanted.filter((each) => claims.aud.includes(each));
  if (audiences.length === 0) {
    return rejected(`the token is for [${claims.aud.join(' ')}], not [${wanted.join(' ')}]`);
  }
  const { namespace, serviceaccount } = claims['kubernetes.io'];
  if (claims.sub !== serviceAccountUsername({ namespace, name: serviceaccount.name })) {
    return rejected('the subject of the token is not its service account');
  }
  const why = await findLoss(options, claims);
  return why === undefined
    ? { kind: 'authenticated', user: userOf(claims), audiences }
    : rejected(why);
}

/** Says which of the objects that the token depends on is gone. */
async function findLoss(
  { findServiceAccount, findBoundObject, clock }: ServiceAccountTokenAuthenticatorOptions,
  claims: ServiceAccountClaims,
): Promise<string | undefined> {
  const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
  const account = await findServiceAccount(namespace, serviceaccount.name);
  const lost = (found: LiveObject | undefined, reference: ObjectReference): boolean =>
    found === undefined ||
    found.uid !== reference.uid ||
    (found.deletionTimestamp !== undefined &&
      Date.parse(found.deletionTimestamp) + deletionLeewayMs < clock.now());
  if (lost(account, serviceaccount)) return 'the service account of the token is gone';
  // The node of a pod is told for information; only a token bound to the node itself ends with it.
  const bound = [
    { kind: 'pod', reference: pod },
    { kind: 'secret', reference: secret },
    { kind: 'node', reference: pod === undefined ? node : undefined },
  ] as const;
  for (const { kind, reference } of bound) {
    if (reference === undefined) continue;
    const found = await findBoundObject(kind, kind === 'node' ? '' : namespace, reference.name);
    if (lost(found, reference)) return `the ${kind} that the token is bound to is gone`;
  }
  return undefined;
}

function userOf(claims: ServiceAccountClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims['kubernetes.io'];
  const extra = {
    ...(claims.jti === '' ? {} : extraOf('credential-id', `JTI=${claims.jti}`)),
    ...(node === undefined
      ? {}
      : { ...extraOf('node-name', node.name), ...extraOf('node-uid', node.uid) }),
    ...(pod === undefined
      ? {}
      : { ...extraOf('pod-name', pod.name), ...extraOf('pod-uid', pod.uid) }),
  };
  return {
    username: claims.sub,
    uid: serviceaccount.uid,
    groups: [...serviceAccountGroups(namespace), authenticatedGroup],
    extra,
  };
}

function extraOf(key: string, value: string): Record<string, readonly string[]> {
  return { [`authentication.kubernetes.io/${key}`]: [value] };
}
