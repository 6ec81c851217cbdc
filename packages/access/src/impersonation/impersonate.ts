import { ApiError, type HttpHeaders, type UserInfo, badRequest } from '@fairway/protocol';
import type { AuthenticatedRequest, Next } from '../authenticated-request.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import {
  type Impersonation,
  type ImpersonationMode,
  type ImpersonationWish,
  impersonateIn,
  impersonationModes,
} from './impersonation-modes.ts';

/** Users of whom is remembered in which mode they last acted as somebody else. */
const rememberedMax = 10_000;

/**
 * Filter: lets a user act as somebody else where the policy allows it (`kubectl --as`).
 *
 * Each thing that the headers ask for needs a right of its own: the user or service account, the uid, every
 * group, every extra value; `impersonation-modes.ts` says which. The headers are taken out of the request.
 *
 * Errors: `ApiError` Forbidden naming the first that is not allowed in the first mode that was tried, which
 * is the one in which the user last succeeded; BadRequest when the headers ask for groups, uid or extra
 * without a user.
 * Source: Kubernetes authentication, user impersonation; KEP-5284.
 */
export function impersonate<Reply>(
  authorizer: Authorizer,
  next: Next<AuthenticatedRequest, Reply>,
): Next<AuthenticatedRequest, Reply> {
  const lastModes = new LastModes();
  return async (request) => {
    const wish = readWish(request.headers);
    // Also those that ask for nothing: who answers next may read them otherwise.
    const headers = withoutWish(request.headers);
    if (wish === undefined) return next({ ...request, headers });
    const { user: requester, target } = request;
    const user = await impersonatedUser(authorizer, lastModes, { requester, wish, target });
    return next({ ...request, headers, user, impersonatedBy: requester });
  };
}

async function impersonatedUser(
  authorizer: Authorizer,
  lastModes: LastModes,
  impersonation: Impersonation,
): Promise<UserInfo> {
  let refusal: ApiError | undefined;
  for (const mode of lastModes.orderFor(impersonation.requester)) {
    if (!mode.fits(impersonation)) continue;
    const outcome = await impersonateIn(mode, authorizer, impersonation);
    if (!(outcome instanceof ApiError)) {
      lastModes.remember(impersonation.requester, mode);
      return outcome;
    }
    refusal ??= outcome;
  }
  // The old mode fits everybody.
  throw refusal ?? new Error('no mode of impersonation was tried');
}

/** In which mode each user last succeeded, so that who is used to one pays for that one alone. */
class LastModes {
  readonly #modes = new Map<string, ImpersonationMode>();

  orderFor({ username }: UserInfo): readonly ImpersonationMode[] {
    const last = this.#modes.get(username);
    if (last === undefined) return impersonationModes;
    return [last, ...impersonationModes.filter((mode) => mode !== last)];
  }

  remember({ username }: UserInfo, mode: ImpersonationMode): void {
    this.#modes.delete(username);
    this.#modes.set(username, mode);
    const [oldest] = this.#modes.keys();
    if (this.#modes.size > rememberedMax && oldest !== undefined) this.#modes.delete(oldest);
  }
}

const prefix = 'impersonate-';
const extraPrefix = 'impersonate-extra-';

function readWish(headers: HttpHeaders): ImpersonationWish | undefined {
  if (!Object.keys(headers).some((name) => name.startsWith(prefix))) return undefined;
  const wish: ImpersonationWish = {
    username: singleValue(headers, 'impersonate-user'),
    uid: singleValue(headers, 'impersonate-uid'),
    groups: valuesOf(headers, 'impersonate-group'),
    extra: readExtra(headers),
  };
  if (wish.username !== '') return wish;
  if (wish.uid === '' && wish.groups.length === 0 && Object.keys(wish.extra).length === 0) {
    return undefined;
  }
  throw badRequest(`requested ${asGo(wish)} without impersonating a user name`);
}

/** As a kube-apiserver shows it: as a value of its Go type. */
function asGo({ uid, groups, extra }: ImpersonationWish): string {
  const list = (texts: readonly string[]): string => texts.map(quote).join(', ');
  const keys = Object.entries(extra).map(
    ([key, texts]) => `${quote(key)}:[]string{${list(texts)}}`,
  );
  const shownGroups = groups.length === 0 ? '[]string(nil)' : `[]string{${list(groups)}}`;
  const shownExtra =
    keys.length === 0
      ? 'map[string][]string(nil)'
      : `map[string][]string{${keys.sort().join(', ')}}`;
  const fields = `Name:"", UID:${quote(uid)}, Groups:${shownGroups}, Extra:${shownExtra}`;
  return `&user.DefaultInfo{${fields}}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
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
