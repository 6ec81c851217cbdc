import { type FieldError, type UserInfo, badRequest, invalidValue } from '@fairway/protocol';
import { withAuthenticatedGroup } from '../authentication/authenticate.ts';
import type { TokenAuthenticator } from '../authentication/authenticator.ts';

/** Answers a SelfSubjectReview: who am I (`kubectl auth whoami`)? Source: KEP-3325. */
export function reviewSelfSubject(user: UserInfo): { readonly userInfo: UserInfo } {
  return { userInfo: user };
}

/** A question about somebody else's token. Source: authentication.k8s.io/v1 TokenReview. */
export interface TokenReview {
  readonly spec: { readonly token?: string; readonly audiences?: readonly string[] };
}

export interface TokenReviewStatus {
  readonly authenticated?: true;
  /** Empty when the token is not good. */
  readonly user: UserInfo | Readonly<Record<string, never>>;
  readonly audiences?: readonly string[];
  readonly error?: string;
}

/**
 * Answers a TokenReview: whose token is this, and is it meant for one of these audiences?
 *
 * Shape: `apiAudiences` are the audiences of this server; they are used when the review names no
 * audiences, and for tokens that carry no audiences. Errors: BadRequest `ApiError` without a token.
 * A bad token is an answer, not an error.
 */
export async function reviewToken(
  { spec }: TokenReview,
  authenticator: TokenAuthenticator,
  apiAudiences: readonly string[],
): Promise<TokenReviewStatus> {
  const { token = '', audiences = [] } = spec;
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const wanted = audiences.length === 0 ? apiAudiences : audiences;
  const outcome = await authenticator(token, wanted);
  if (outcome.kind === 'rejected') {
    return { user: {}, error: `[invalid bearer token, ${outcome.why}]` };
  }
  if (outcome.kind === 'unrecognised') return invalidToken;
  const good = wanted.filter((each) => (outcome.audiences ?? apiAudiences).includes(each));
  if (good.length === 0) return invalidToken;
  const user = withAuthenticatedGroup(outcome.user);
  return { authenticated: true, user, audiences: good };
}

const invalidToken: TokenReviewStatus = { user: {}, error: 'invalid bearer token' };

/** What is wrong with the lifetime that a TokenRequest asks for. Unit: seconds. */
export function checkTokenLifetime(expirationSeconds: number): readonly FieldError[] {
  const complain = (why: string): readonly FieldError[] => [
    invalidValue('spec.expirationSeconds', expirationSeconds, why),
  ];
  if (expirationSeconds < 10 * 60) {
    return complain('may not specify a duration less than 10 minutes');
  }
  if (expirationSeconds > 2 ** 32) {
    return complain('may not specify a duration larger than 2^32 seconds');
  }
  return [];
}
