import type { RequestTarget, UserInfo } from '@fairway/protocol';

/** Who wants what. An `AuthenticatedRequest` is one. */
export interface AccessAttributes {
  readonly user: UserInfo;
  readonly target: RequestTarget;
}

/**
 * `noOpinion` leaves the answer to the next authorizer; when no authorizer has one, access is
 * refused.
 */
export interface Decision {
  readonly kind: 'allow' | 'deny' | 'noOpinion';
  /** For people; empty when there is nothing to say. */
  readonly reason: string;
}

/**
 * Decides whether somebody may do something.
 *
 * Shape: answers at once where it can, because every request waits for it.
 * Errors: throws when it cannot decide, and then the request fails.
 */
export type Authorizer = (attributes: AccessAttributes) => Decision | Promise<Decision>;

export const noOpinion: Decision = { kind: 'noOpinion', reason: '' };

/** Asks each authorizer in turn; the first that has an opinion decides. */
export function firstAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return async (attributes) => {
    const reasons: string[] = [];
    for (const authorizer of authorizers) {
      const decision = await authorizer(attributes);
      if (decision.kind !== 'noOpinion') return decision;
      if (decision.reason !== '') reasons.push(decision.reason);
    }
    return { kind: 'noOpinion', reason: reasons.join('\n') };
  };
}
