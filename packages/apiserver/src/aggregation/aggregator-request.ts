import { identityHeadersOf, mastersGroup } from '@fairway/access';
import { type Clock, type TimeLimit, timeLimit } from '@fairway/host';
import type { HttpHeaders, HttpRequest, UserInfo } from '@fairway/protocol';

/** As whom this server asks for itself. Source: kube-aggregator. */
export const aggregatorUser: UserInfo = {
  username: 'system:kube-aggregator',
  groups: [mastersGroup],
};

/** As kube-aggregator: what everybody asks for must not wait for one server. */
const askingTimeoutMs = 5_000;

/** How long a server behind a service may take to say whether it is there, or what it has. */
export function askingLimit(clock: Clock, signal?: AbortSignal): TimeLimit {
  const late = (): Error => new Error('context deadline exceeded');
  return timeLimit(clock, askingTimeoutMs, { late, ...(signal && { signal }) });
}

/** What this server asks a server behind a service for itself. */
export function aggregatorRequest(
  path: string,
  { headers = {}, signal }: { readonly headers?: HttpHeaders; readonly signal: AbortSignal },
): HttpRequest {
  return {
    method: 'GET',
    path,
    query: '',
    headers: { ...headers, 'user-agent': 'kube-aggregator', ...identityHeadersOf(aggregatorUser) },
    body: undefined,
    signal,
  };
}
