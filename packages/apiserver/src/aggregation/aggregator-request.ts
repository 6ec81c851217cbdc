import { identityHeadersOf, mastersGroup } from '@fairway/access';
import type { HttpHeaders, HttpRequest, UserInfo } from '@fairway/protocol';

/** As whom this server asks for itself. Source: kube-aggregator. */
export const aggregatorUser: UserInfo = {
  username: 'system:kube-aggregator',
  groups: [mastersGroup],
};

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
