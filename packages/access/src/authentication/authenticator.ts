import type { HttpRequest, UserInfo } from '@fairway/protocol';

/**
 * Finds out who sends a request by one sort of credential.
 *
 * Shape: what is wrong with a credential is an answer, not an error; throwing means that we could
 * not find out. `why` is for the log: the caller only learns that it is not authorized.
 */
export type Authenticator = (request: HttpRequest) => Promise<Authentication>;

export type Authentication =
  | { readonly kind: 'authenticated'; readonly user: UserInfo }
  /** The request holds no credential of this sort. */
  | { readonly kind: 'unrecognised' }
  /** It holds one, and it is bad. */
  | { readonly kind: 'rejected'; readonly why: string };

/**
 * Finds out who a bearer token speaks for, when it is meant for one of `audiences`.
 *
 * Shape: `audiences` empty asks for the audiences of the API server itself; the answer's are those
 * of `audiences` that the token is good for.
 */
export type TokenAuthenticator = (
  token: string,
  audiences: readonly string[],
) => Promise<TokenAuthentication>;

export type TokenAuthentication =
  | {
      readonly kind: 'authenticated';
      readonly user: UserInfo;
      /** Absent when this sort of token knows no audiences. */
      readonly audiences?: readonly string[];
    }
  | { readonly kind: 'unrecognised' }
  | { readonly kind: 'rejected'; readonly why: string };

export const unrecognised = { kind: 'unrecognised' } as const;

export function rejected(why: string): { readonly kind: 'rejected'; readonly why: string } {
  return { kind: 'rejected', why };
}

/**
 * Asks each authenticator in turn; the first user that one of them finds counts.
 *
 * A bad credential does not hide a good one of another sort: the request is refused for it only
 * when no authenticator finds a user.
 */
export function firstAuthenticator(authenticators: readonly Authenticator[]): Authenticator {
  return (request) => firstProof(authenticators.map((each) => () => each(request)));
}

/** The same for tokens. */
export function firstTokenAuthenticator(
  authenticators: readonly TokenAuthenticator[],
): TokenAuthenticator {
  return (token, audiences) =>
    firstProof(authenticators.map((each) => () => each(token, audiences)));
}

async function firstProof<Outcome extends Authentication>(
  attempts: readonly (() => Promise<Outcome>)[],
): Promise<Outcome | { kind: 'unrecognised' } | { kind: 'rejected'; why: string }> {
  const reasons: string[] = [];
  for (const attempt of attempts) {
    const outcome = await attempt();
    if (outcome.kind === 'authenticated') return outcome;
    if (outcome.kind === 'rejected') reasons.push(outcome.why);
  }
  return reasons.length === 0 ? unrecognised : rejected(reasons.join(', '));
}
