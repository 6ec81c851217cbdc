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
  /** What kept an authorizer from deciding; a request that nobody allows then fails. */
  readonly evaluationError?: string;
}

/**
 * Decides whether somebody may do something.
 *
 * Shape: answers at once where it can, because every request waits for it.
 */
export type Authorizer = (attributes: AccessAttributes) => Decision | Promise<Decision>;

export const noOpinion: Decision = { kind: 'noOpinion', reason: '' };

/** Asks each authorizer in turn; the first that has an opinion decides. */
export function firstAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return async (attributes) => {
    const reasons: string[] = [];
    const errors: string[] = [];
    for (const authorizer of authorizers) {
      const answer = authorizer(attributes);
      const decision = answer instanceof Promise ? await answer : answer;
      if (decision.evaluationError !== undefined) errors.push(decision.evaluationError);
      if (decision.kind !== 'noOpinion') return decision;
      if (decision.reason !== '') reasons.push(decision.reason);
    }
    const reason = reasons.join('\n');
    if (errors.length === 0) return { kind: 'noOpinion', reason };
    return { kind: 'noOpinion', reason, evaluationError: joinErrors(errors) };
  };
}

/** Several errors as one text, each once: `[a, b]`. */
export function joinErrors(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`;
}
