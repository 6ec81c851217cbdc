import { type HttpHeaders, type UserInfo, badRequest } from '@fairway/protocol';
import type { AuthenticatedRequest, Next } from './authenticated-request.ts';
import { withAuthenticatedGroup } from './authenticate.ts';
import { requireAccess } from './authorize.ts';
import type { AccessAttributes, Authorizer } from './authorizer.ts';
import {
  anonymousUser,
  parseServiceAccountUsername,
  serviceAccountGroups,
  unauthenticatedGroup,
} from './well-known-names.ts';

/**
 * Filter: lets a user act as somebody else where the policy allows it (`kubectl --as`).
 *
 * Each thing that the headers ask for needs the verb `impersonate` of its own: the user or service
 * account, every group, the uid, every extra value. The headers are taken out of the request.
 *
 * Errors: `ApiError` Forbidden naming the first that is not allowed; BadRequest when the headers ask
 * for groups, uid or extra without a user.
 * Source: Kubernetes authentication, user impersonation.
 */
export function impersonate<Reply>(
  authorizer: Authorizer,
  next: Next<AuthenticatedRequest, Reply>,
): Next<AuthenticatedRequest, Reply> {
  return async (request) => next(await impersonateRequest(authorizer, request));
}

async function impersonateRequest(
  authorizer: Authorizer,
  request: AuthenticatedRequest,
): Promise<AuthenticatedRequest> {
  const wish = readWish(request.headers);
  // Also those that ask for nothing: who answers next may read them otherwise.
  const headers = withoutWish(request.headers);
  if (wish === undefined) return { ...request, headers };
  for (const attributes of neededAccess(request.user, wish)) {
    await requireAccess(authorizer, attributes);
  }
  return {
    ...request,
    headers,
    user: impersonatedUser(wish),
    impersonatedBy: request.user,
  };
}

const prefix = 'impersonate-';
const extraPrefix = 'impersonate-extra-';

interface Wish {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

function readWish(headers: HttpHeaders): Wish | undefined {
  if (!Object.keys(headers).some((name) => name.startsWith(prefix))) return undefined;
  const wish: Wish = {
    username: singleValue(headers, 'impersonate-user'),
    uid: singleValue(headers, 'impersonate-uid'),
    groups: valuesOf(headers, 'impersonate-group'),
    extra: readExtra(headers),
  };
  if (wish.username !== '') return wish;
  const asked = [
    ...wish.groups.map((name) => `group ${JSON.stringify(name)}`),
    ...(wish.uid === '' ? [] : [`uid ${JSON.stringify(wish.uid)}`]),
    ...Object.keys(wish.extra).map((key) => `extra ${JSON.stringify(key)}`),
  ];
  if (asked.length === 0) return undefined;
  throw badRequest(`requested ${asked.join(', ')} without impersonating a user`);
}

function readExtra(headers: HttpHeaders): Readonly<Record<string, readonly string[]>> {
  const entries = Object.keys(headers)
    .filter((name) => name.startsWith(extraPrefix) && name !== extraPrefix)
    .map((name) => [decodeKey(name.slice(extraPrefix.length)), valuesOf(headers, name)] as const);
  return Object.fromEntries(entries);
}

// Keys travel percent-encoded, because a header name cannot hold a slash.
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded).toLowerCase();
  } catch (error) {
    if (error instanceof URIError) return encoded;
    throw error;
  }
}

function* neededAccess(user: UserInfo, wish: Wish): Generator<AccessAttributes> {
  const account = parseServiceAccountUsername(wish.username);
  yield account === undefined
    ? mayImpersonate(user, { plural: 'users', name: wish.username })
    : mayImpersonate(user, { plural: 'serviceaccounts', ...account });
  for (const name of wish.groups) yield mayImpersonate(user, { plural: 'groups', name });
  const group = 'authentication.k8s.io';
  for (const [subresource, values] of Object.entries(wish.extra)) {
    for (const name of values) {
      yield mayImpersonate(user, { group, plural: 'userextras', subresource, name });
    }
  }
  if (wish.uid !== '') yield mayImpersonate(user, { group, plural: 'uids', name: wish.uid });
}

function mayImpersonate(
  user: UserInfo,
  what: { group?: string; plural: string; subresource?: string; namespace?: string; name: string },
): AccessAttributes {
  const { group = '', plural, subresource = '', namespace = '', name } = what;
  const verb = 'impersonate';
  const target = { isResource: true, verb, group, version: 'v1', plural, rest: '' } as const;
  return { user, target: { ...target, subresource, namespace, name } };
}

function impersonatedUser(wish: Wish): UserInfo {
  const account = parseServiceAccountUsername(wish.username);
  const groups =
    wish.groups.length === 0 && account !== undefined
      ? serviceAccountGroups(account.namespace)
      : wish.groups;
  const user: UserInfo = {
    username: wish.username,
    groups,
    ...(wish.uid === '' ? {} : { uid: wish.uid }),
    ...(Object.keys(wish.extra).length === 0 ? {} : { extra: wish.extra }),
  };
  if (wish.username !== anonymousUser) return withAuthenticatedGroup(user);
  return groups.includes(unauthenticatedGroup)
    ? user
    : { ...user, groups: [...groups, unauthenticatedGroup] };
}

function withoutWish(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(prefix)));
}

function singleValue(headers: HttpHeaders, name: string): string {
  const values = valuesOf(headers, name);
  if (values.length > 1) throw badRequest(`more than one header ${name}; send it once`);
  return values[0] ?? '';
}

function valuesOf(headers: HttpHeaders, name: string): readonly string[] {
  const value = headers[name];
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
