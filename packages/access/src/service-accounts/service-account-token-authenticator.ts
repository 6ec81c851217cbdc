import type { Clock } from '@fairway/host';
import type { UserInfo } from '@fairway/protocol';
import {
  type TokenAuthentication,
  type TokenAuthenticator,
  rejected,
  unrecognised,
} from '../authentication/authenticator.ts';
import { judgeLegacyToken } from './judge-legacy-token.ts';
import type { ObjectReference, ServiceAccountClaims } from './service-account-claims.ts';
import { rememberVerified } from './remember-verified.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import type { LiveObject, TokenLookups } from '../authentication/token-lookups.ts';
import {
  authenticatedGroup,
  serviceAccountGroups,
  serviceAccountUsername,
} from '../well-known-names.ts';

export interface ServiceAccountTokenAuthenticatorOptions extends TokenLookups {
  readonly tokens: ServiceAccountTokens;
  readonly clock: Clock;
  /** The audiences of this server: what a token without a better one is checked for. */
  readonly audiences: readonly string[];
  /** How many verified signatures are remembered. */
  readonly verifiedTokensMax?: number;
}

/**
 * Authenticates service accounts by the tokens that this cluster issued, on request or into secrets.
 *
 * Each request asks anew whether the token has expired, is meant for us, and whether its account
 * and bound object still exist; only the signature's verdict is remembered. Refusals are in the words
 * of a kube-apiserver.
 * Source: KEP-1205 (bound tokens), KEP-4193 (node claims, credential id).
 */
export function serviceAccountTokenAuthenticator(
  options: ServiceAccountTokenAuthenticatorOptions,
): TokenAuthenticator {
  const verify = rememberVerified(options.tokens, options);
  return async (token, audiences) => {
    const verification = await verify(token);
    const wanted = audiences.length === 0 ? options.audiences : audiences;
    switch (verification.kind) {
      case 'foreign':
        return unrecognised;
      case 'invalid':
        return rejected(verification.why);
      case 'requested':
        return judge(options, verification.claims, wanted);
      case 'legacy': {
        const { claims } = verification;
        const { namespace, accountUid: uid } = claims;
        // It names no audience, and is meant for this server.
        const meant = meantFor(options.audiences, wanted);
        if (typeof meant === 'string') return rejected(meant);
        const why = await judgeLegacyToken(options, token, claims);
        if (why !== undefined) return rejected(why);
        return authenticated({ username: claims.sub, uid, groups: groupsOf(namespace) }, meant);
      }
    }
  };
}

/** Kubernetes grants an object that is being deleted a minute in which its tokens still work. */
const deletionLeewayMs = 60_000;
/** Clocks of two servers may differ by so much. */
const clockSkewSeconds = 60;

async function judge(
  options: ServiceAccountTokenAuthenticatorOptions,
  claims: ServiceAccountClaims,
  wanted: readonly string[],
): Promise<TokenAuthentication> {
  const meant = meantFor(claims.aud, wanted);
  if (typeof meant === 'string') return rejected(meant);
  const nowSeconds = options.clock.now() / 1000;
  if (claims.exp <= nowSeconds) return rejected('service account token has expired');
  if (claims.nbf > nowSeconds + clockSkewSeconds) {
    return rejected('service account token is not valid yet');
  }
  const { namespace, serviceaccount } = claims['kubernetes.io'];
  if (claims.sub !== serviceAccountUsername({ namespace, name: serviceaccount.name })) {
    return rejected('the subject of the token is not its service account');
  }
  const why = (await findLostAccount(options, claims)) ?? (await findLostBinding(options, claims));
  return why === undefined ? authenticated(userOf(claims), meant) : rejected(why);
}

/** Those of the wanted audiences that a token is for, or why there is none. */
function meantFor(own: readonly string[], wanted: readonly string[]): readonly string[] | string {
  const both = wanted.filter((each) => own.includes(each));
  const shown = (list: readonly string[]): string =>
    `[${list.map((each) => JSON.stringify(each)).join(' ')}]`;
  if (both.length > 0) return both;
  return `token audiences ${shown(own)} is invalid for the target audiences ${shown(wanted)}`;
}

function authenticated(user: UserInfo, audiences: readonly string[]): TokenAuthentication {
  return { kind: 'authenticated', user, audiences };
}

async function findLostAccount(
  { findServiceAccount, clock }: ServiceAccountTokenAuthenticatorOptions,
  claims: ServiceAccountClaims,
): Promise<string | undefined> {
  const { namespace, serviceaccount: claim } = claims['kubernetes.io'];
  const account = await findServiceAccount(namespace, claim.name);
  if (account === undefined) return `serviceaccounts ${JSON.stringify(claim.name)} not found`;
  if (isOver(account, clock)) return `service account ${namespace}/${claim.name} has been deleted`;
  if (account.uid === claim.uid) return undefined;
  return `service account UID (${account.uid}) does not match claim (${claim.uid})`;
}

async function findLostBinding(
  { findBoundObject, clock }: ServiceAccountTokenAuthenticatorOptions,
  claims: ServiceAccountClaims,
): Promise<string | undefined> {
  const { namespace, pod, secret, node } = claims['kubernetes.io'];
  // The node of a pod is told for information; only a token bound to the node itself ends with it.
  const bound = [
    { kind: 'secret', reference: secret },
    { kind: 'pod', reference: pod },
    { kind: 'node', reference: pod === undefined ? node : undefined },
  ] as const;
  for (const { kind, reference } of bound) {
    if (reference === undefined) continue;
    const found = await findBoundObject(kind, kind === 'node' ? '' : namespace, reference.name);
    if (found === undefined || isOver(found, clock)) {
      return 'service account token has been invalidated';
    }
    if (found.uid === reference.uid) continue;
    return `${kind} UID (${found.uid}) does not match service account ${kind} ref claim (${reference.uid})`;
  }
  return undefined;
}

function isOver({ deletionTimestamp }: LiveObject, clock: Clock): boolean {
  if (deletionTimestamp === undefined) return false;
  return Date.parse(deletionTimestamp) + deletionLeewayMs < clock.now();
}

function userOf(claims: ServiceAccountClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims['kubernetes.io'];
  const extra = {
    ...(claims.jti === '' ? {} : extraOf('credential-id', `JTI=${claims.jti}`)),
    ...referenceExtra('node', node),
    ...referenceExtra('pod', pod),
  };
  return { username: claims.sub, uid: serviceaccount.uid, groups: groupsOf(namespace), extra };
}

function groupsOf(namespace: string): readonly string[] {
  return [...serviceAccountGroups(namespace), authenticatedGroup];
}

function referenceExtra(
  kind: 'node' | 'pod',
  reference: ObjectReference | undefined,
): Record<string, readonly string[]> {
  if (reference === undefined) return {};
  const { name, uid } = reference;
  return {
    ...extraOf(`${kind}-name`, name),
    ...(uid === '' ? {} : extraOf(`${kind}-uid`, uid)),
  };
}

function extraOf(key: string, value: string): Record<string, readonly string[]> {
  return { [`authentication.kubernetes.io/${key}`]: [value] };
}
