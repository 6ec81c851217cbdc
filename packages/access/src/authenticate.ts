import { type HttpHeaders, type UserInfo, apiError } from '@fairway/protocol';
import type { AuthenticatedRequest, Next, TargetedRequest } from './authenticated-request.ts';
import type { Authenticator } from './authenticator.ts';
import { withoutBearerProtocol } from './bearer-token-authenticator.ts';
import { anonymousUser, authenticatedGroup, unauthenticatedGroup } from './well-known-names.ts';

/**
 * Filter: adds who asks, and takes the credentials out of the request.
 *
 * A request without any credential is `system:anonymous`; a bad one is refused instead of counting
 * as anonymous.
 *
 * Errors: `ApiError` Unauthorized for a bad credential; its `detail` says why.
 */
export function authenticate<Reply>(
  authenticator: Authenticator,
  next: Next<AuthenticatedRequest, Reply>,
): Next<TargetedRequest, Reply> {
  return async (request) => next(await authenticateRequest(authenticator, request));
}

async function authenticateRequest(
  authenticator: Authenticator,
  request: TargetedRequest,
): Promise<AuthenticatedRequest> {
  const outcome = await authenticator(request);
  switch (outcome.kind) {
    case 'rejected':
      throw apiError('Unauthorized', 'Unauthorized', undefined, { detail: outcome.why });
    case 'unrecognised':
      return { ...request, headers: withoutCredentials(request.headers), user: anonymous };
    case 'authenticated': {
      const headers = withoutCredentials(request.headers);
      return { ...request, headers, user: withAuthenticatedGroup(outcome.user) };
    }
  }
}

const anonymous: UserInfo = { username: anonymousUser, groups: [unauthenticatedGroup] };

/** The user with the group `system:authenticated`, which every authenticated user has. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  const isPlaced =
    user.username === anonymousUser ||
    user.groups.includes(authenticatedGroup) ||
    user.groups.includes(unauthenticatedGroup);
  return isPlaced ? user : { ...user, groups: [...user.groups, authenticatedGroup] };
}

function withoutCredentials(headers: HttpHeaders): HttpHeaders {
  const { authorization: _, ...rest } = headers;
  return withoutBearerProtocol(rest);
}
