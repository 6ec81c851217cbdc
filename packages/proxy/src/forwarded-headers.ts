import { type HttpHeaders, type HttpRequest, type HttpResponse, headerOf } from '@fairway/protocol';

export interface ForwardedHeaderOptions {
  /** Lets callers act as somebody else, as far as the cluster lets the proxy's user. */
  readonly mayImpersonate: boolean;
}

/** What belongs to one connection and not to the message. Source: RFC 9110 §7.6.1. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What the proxy says itself, or answers itself (`expect`). */
const ours: ReadonlySet<string> = new Set(['host', 'authorization', 'expect']);

/** Headers by which a caller would claim an identity; they are never passed on. */
const identity = /^x-remote-(user|uid|group|extra-)/;
const impersonation = /^impersonate-/;

/** The headers of a request as the cluster gets them, before the credentials are added. */
export function requestHeaders(
  { headers, peer }: Pick<HttpRequest, 'headers' | 'peer'>,
  { mayImpersonate }: ForwardedHeaderOptions,
): HttpHeaders {
  const named = connectionOptions(headers);
  const kept: Record<string, string | readonly string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || hopByHop.has(name) || ours.has(name) || named.has(name)) continue;
    if (identity.test(name) || (!mayImpersonate && impersonation.test(name))) continue;
    kept[name] = value;
  }
  const earlier = kept['x-forwarded-for'];
  const chain = [...(earlier === undefined ? [] : [earlier].flat()), peer?.address ?? ''];
  const chainText = chain.filter((each) => each !== '').join(', ');
  if (chainText !== '') kept['x-forwarded-for'] = chainText;
  kept['x-forwarded-host'] ??= headerOf(headers, 'host') ?? '';
  kept['x-forwarded-proto'] ??= 'http';
  return kept;
}

/** The headers of an upgrade: those of a request, and what asks for the other protocol. */
export function upgradeHeaders(
  request: Pick<HttpRequest, 'headers' | 'peer'>,
  options: ForwardedHeaderOptions,
): HttpHeaders {
  const { 'sec-websocket-protocol': protocols, ...headers } = requestHeaders(request, options);
  const kept = protocols === undefined ? '' : withoutTokens([protocols].flat());
  return {
    ...headers,
    ...(kept === '' ? {} : { 'sec-websocket-protocol': kept }),
    upgrade: headerOf(request.headers, 'upgrade') ?? '',
  };
}

/** The headers of an answer as the caller gets them. */
export function responseHeaders({ headers }: Pick<HttpResponse, 'headers'>): HttpHeaders {
  const named = connectionOptions(headers);
  const kept: Record<string, string | readonly string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !hopByHop.has(name) && !named.has(name)) kept[name] = value;
  }
  return kept;
}

// A browser cannot set Authorization on a WebSocket, so a token may come as a protocol.
// Source: Kubernetes API, WebSocket bearer token protocol.
function withoutTokens(values: readonly string[]): string {
  return values
    .flatMap((value) => value.split(','))
    .map((each) => each.trim())
    .filter((each) => !each.startsWith('base64url.bearer.authorization.k8s.io.'))
    .join(', ');
}

function connectionOptions(headers: HttpHeaders): ReadonlySet<string> {
  const values = headers['connection'];
  if (values === undefined) return none;
  const names = [values].flat().flatMap((value) => value.split(','));
  return new Set(names.map((name) => name.trim().toLowerCase()));
}

const none: ReadonlySet<string> = new Set();
