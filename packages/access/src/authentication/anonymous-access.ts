import type { HttpRequest, UserInfo } from '@fairway/protocol';
import { type Authentication, type Authenticator, unrecognised } from './authenticator.ts';
import { anonymousUser, unauthenticatedGroup } from '../well-known-names.ts';

/**
 * Where a request without a credential may be anonymous: everywhere, nowhere, or at exactly these paths.
 * Source: KEP-4633; API reference, AuthenticationConfiguration, `anonymous`.
 */
export type AnonymousAccess =
  | { readonly kind: 'everywhere' }
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'paths'; readonly paths: ReadonlySet<string> };

/**
 * Asks `authenticator`, and takes who shows no credential for `system:anonymous` where that is allowed. A
 * bad credential stays one.
 */
export function withAnonymous(
  authenticator: Authenticator,
  access: () => AnonymousAccess = () => ({ kind: 'everywhere' }),
): Authenticator {
  return async (request): Promise<Authentication> => {
    const outcome = await authenticator(request);
    if (outcome.kind !== 'unrecognised') return outcome;
    return isAllowed(access(), request) ? { kind: 'authenticated', user: anonymous } : unrecognised;
  };
}

const anonymous: UserInfo = { username: anonymousUser, groups: [unauthenticatedGroup] };

function isAllowed(access: AnonymousAccess, { path }: HttpRequest): boolean {
  return access.kind === 'paths' ? access.paths.has(path) : access.kind === 'everywhere';
}
