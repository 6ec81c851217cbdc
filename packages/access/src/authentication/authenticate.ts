import { type HttpHeaders, type UserInfo, apiError } from '@fairway/protocol';
import type { AuthenticatedRequest, Next, TargetedRequest } from '../authenticated-request.ts';
import type { Authenticator } from './authenticator.ts';
import { withoutBearerProtocol } from './bearer-token-authenticator.ts';
import {
  type IdentityHeaders,
  standardIdentityHeaders,
  withoutIdentityHeaders,
} from './identity-headers.ts';
import { anonymousUser, authenticatedGroup, unauthenticatedGroup } from '../well-known-names.ts';

/**
 * Filter: adds who asks, and takes the credentials out of the request, `identityHeaders` among them: those
 * in which only a front proxy may say who asks.
 *
 * Errors: `ApiError` Unauthorized for a bad credential, and for none unless the authenticator knows what to
 * do without one (`withAnonymous`); its `detail` says why.
 */
export function authenticate<Reply>(
  authenticator: Authenticator,
  next: Next<AuthenticatedRequest, Reply>,
  identityHeaders: IdentityHeaders = standardIdentityHeaders,
): Next<TargetedRequest, Reply> {
  return async (request) => {
    const user = await userOf(authenticator, request);
    return next({
      ...request,
      headers: withoutCredentials(request.headers, identityHeaders),
      user,
    });
  };
}

async function userOf(authenticator: Authenticator, request: TargetedRequest): Promise<UserInfo> {
  const outcome = await authenticator(request);
  if (outcome.kind === 'authenticated') return withAuthenticatedGroup(outcome.user);
  const detail = outcome.kind === 'rejected' ? outcome.why : 'no credential';
  throw apiError('Unauthorized', 'Unauthorized', undefined, { detail });
}

/** The user with the group `system:authenticated`, which every authenticated user has. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  const isPlaced =
    user.username === anonymousUser ||
    user.groups.includes(authenticatedGroup) ||
    user.groups.includes(unauthenticatedGroup);
  return isPlaced ? user : { ...user, groups: [...user.groups, authenticatedGroup] };
}

function withoutCredentials(headers: HttpHeaders, identity: IdentityHeaders): HttpHeaders {
  const { authorization: _, ...rest } = headers;
  return withoutBearerProtocol(withoutIdentityHeaders(rest, identity));
}
