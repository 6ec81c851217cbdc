import {
  type ApiError,
  type RequestTarget,
  type UserInfo,
  checkDnsSubdomain,
} from '@fairway/protocol';
import { withAuthenticatedGroup } from '../authentication/authenticate.ts';
import { accessForbidden, refusalOf } from '../authorization/authorize.ts';
import type { AccessAttributes, Authorizer } from '../authorization/authorizer.ts';
import { nodesGroup, parseNodeUsername } from '../authorization/node-identity.ts';
import {
  anonymousUser,
  mastersGroup,
  parseServiceAccountUsername,
  serviceAccountGroups,
  unauthenticatedGroup,
} from '../well-known-names.ts';

/** Whom a caller wants to act as: what its headers say, with nothing added. */
export interface ImpersonationWish {
  readonly username: string;
  /** Empty when it asks for none. */
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What a caller wants to do as somebody else. */
export interface Impersonation {
  readonly requester: UserInfo;
  readonly wish: ImpersonationWish;
  /** What the request is aimed at, on which constrained modes depend. */
  readonly target: RequestTarget;
}

/**
 * A way in which acting as somebody else may be allowed. A constrained one wants a right to the person
 * (`impersonate:user-info` on `users`), and one to do this very thing so
 * (`impersonate-on:user-info:list` on `pods`); the old one wants `impersonate` on the person alone.
 *
 * Source: KEP-5284, constrained impersonation; on in Kubernetes 1.36.
 */
export interface ImpersonationMode {
  /** `user-info`; absent: the old way. */
  readonly constraint?: string;
  readonly fits: (impersonation: Impersonation) => boolean;
  /** As whom the authorizer is asked, and about which name. */
  readonly generalize?: (attributes: AccessAttributes) => AccessAttributes;
}

export const impersonationModes: readonly [ImpersonationMode, ...ImpersonationMode[]] = [
  {
    constraint: 'associated-node',
    fits: (each) => isNameOnly(each) && isOnNode(each.requester, each.wish.username),
    generalize: forAnyNode,
  },
  {
    constraint: 'arbitrary-node',
    fits: (each) => isNameOnly(each) && parseNodeUsername(each.wish.username) !== undefined,
  },
  {
    constraint: 'serviceaccount',
    fits: (each) =>
      isNameOnly(each) && parseServiceAccountUsername(each.wish.username) !== undefined,
  },
  {
    constraint: 'user-info',
    fits: ({ wish: { username } }) =>
      parseNodeUsername(username) === undefined &&
      parseServiceAccountUsername(username) === undefined,
  },
  { fits: () => true },
];

/** The user that the caller becomes, or why it may not in this mode. */
export async function impersonateIn(
  mode: ImpersonationMode,
  authorizer: Authorizer,
  impersonation: Impersonation,
): Promise<UserInfo | ApiError> {
  const { constraint, generalize = (attributes) => attributes } = mode;
  const { requester, wish, target } = impersonation;
  const check: Check = (wanted) =>
    refusalOf(authorizer, generalize({ user: requester, target: wanted }));
  if (constraint !== undefined) {
    const verb = `impersonate-on:${constraint}:${target.verb}`;
    const refusal = await check({ ...target, verb });
    if (refusal !== undefined) return refusal;
  }
  return (
    (await check(personOf(mode, wish))) ??
    (wish.uid === '' ? undefined : await check(part(mode, 'uids', wish.uid))) ??
    (await checkGroups(mode, impersonation, check)) ??
    (await checkExtra(mode, impersonation, check)) ??
    impersonatedUser(mode, wish)
  );
}

type Check = (target: RequestTarget) => Promise<ApiError | undefined>;

const group = 'authentication.k8s.io';

/** The old way knows users, groups and accounts in the core group. */
function part(
  { constraint }: ImpersonationMode,
  plural: string,
  name: string,
  place: { readonly subresource?: string; readonly namespace?: string } = {},
): RequestTarget {
  const isCore = constraint === undefined && plural !== 'uids' && plural !== 'userextras';
  return {
    isResource: true,
    verb: constraint === undefined ? 'impersonate' : `impersonate:${constraint}`,
    group: isCore ? '' : group,
    version: 'v1',
    plural,
    subresource: place.subresource ?? '',
    namespace: place.namespace ?? '',
    name,
    rest: '',
  };
}

function personOf(mode: ImpersonationMode, { username }: ImpersonationWish): RequestTarget {
  const account = parseServiceAccountUsername(username);
  if (account !== undefined) return part(mode, 'serviceaccounts', account.name, account);
  const node = mode.constraint === undefined ? undefined : parseNodeUsername(username);
  return node === undefined ? part(mode, 'users', username) : part(mode, 'nodes', node);
}

/** So many are asked about as one first: whoever may take any of them need not be asked about each. */
const manyMin = 4;

async function checkGroups(
  mode: ImpersonationMode,
  { requester, wish: { groups } }: Impersonation,
  check: Check,
): Promise<ApiError | undefined> {
  if (mode.constraint !== undefined) {
    const refuse = (name: string, why: string): ApiError =>
      accessForbidden({ user: requester, target: part(mode, 'groups', name) }, why);
    if (groups.includes('')) {
      return refuse('', 'impersonating the empty string group is not allowed');
    }
    if (groups.includes(mastersGroup)) {
      return refuse(mastersGroup, `impersonating the ${mastersGroup} group is not allowed`);
    }
    if (groups.length >= manyMin && (await check(part(mode, 'groups', '*'))) === undefined) {
      return undefined;
    }
  }
  for (const name of groups) {
    const refusal = await check(part(mode, 'groups', name));
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

async function checkExtra(
  mode: ImpersonationMode,
  { requester, wish: { extra } }: Impersonation,
  check: Check,
): Promise<ApiError | undefined> {
  const wanted = Object.entries(extra).flatMap(([subresource, values]) =>
    values.map((name) => part(mode, 'userextras', name, { subresource })),
  );
  if (mode.constraint !== undefined) {
    const why = extraProblem(extra);
    const all = part(mode, 'userextras', '');
    if (why !== undefined) return accessForbidden({ user: requester, target: all }, why);
    const any = part(mode, 'userextras', '*', { subresource: '*' });
    const isMany = Object.keys(extra).length >= manyMin || wanted.length >= manyMin;
    if (isMany && (await check(any)) === undefined) return undefined;
  }
  for (const target of wanted) {
    const refusal = await check(target);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function extraProblem(extra: ImpersonationWish['extra']): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    if (!isDomainPrefixedPath(key)) {
      const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
      const field = `extra.key: Invalid value: ${JSON.stringify(key)}: ${why}`;
      return `impersonating an invalid key in extra is not allowed: ${field}`;
    }
    if (values.length === 0) return 'impersonating empty values in extra is not allowed';
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

function isDomainPrefixedPath(key: string): boolean {
  const slash = key.indexOf('/');
  const path = key.slice(slash + 1);
  const isPath = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(path);
  return slash > 0 && isPath && checkDnsSubdomain(key.slice(0, slash)) === undefined;
}

function isNameOnly({ wish: { uid, groups, extra } }: Impersonation): boolean {
  return uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
}

const nodeNameKey = 'authentication.kubernetes.io/node-name';

/** Whether a service account asks from a pod of this very node. */
function isOnNode(requester: UserInfo, username: string): boolean {
  const node = parseNodeUsername(username);
  if (node === undefined || parseServiceAccountUsername(requester.username) === undefined) {
    return false;
  }
  const names = requester.extra?.[nodeNameKey] ?? [];
  return names.length === 1 && names[0] === node;
}

/**
 * An agent on every node gets one right for all of them: `impersonate:associated-node` on every name. Of
 * what its token says only the keys are told.
 */
function forAnyNode({ user, target }: AccessAttributes): AccessAttributes {
  const keys = Object.keys(user.extra ?? {}).sort();
  const extra = { 'authentication.kubernetes.io/associated-node-keys': keys };
  const isPerson = target.isResource && target.verb === 'impersonate:associated-node';
  return { user: { ...user, extra }, target: isPerson ? { ...target, name: '*' } : target };
}

function impersonatedUser(mode: ImpersonationMode, wish: ImpersonationWish): UserInfo {
  const groups = groupsOf(mode, wish);
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

/** Accounts have the groups of all accounts unless others are asked for; nodes, in the old way, none. */
function groupsOf(
  { constraint }: ImpersonationMode,
  { username, groups }: ImpersonationWish,
): readonly string[] {
  if (groups.length > 0) return groups;
  const account = parseServiceAccountUsername(username);
  if (account !== undefined) return serviceAccountGroups(account.namespace);
  const isNode = constraint !== undefined && parseNodeUsername(username) !== undefined;
  return isNode ? [nodesGroup] : groups;
}
