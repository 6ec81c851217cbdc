import { type HttpHeaders, type HttpRequest, forwardedHeaders } from '@fairway/protocol';

export interface ForwardedHeaderOptions {
  /** Lets callers act as somebody else, as far as the cluster lets the proxy's user. */
  readonly mayImpersonate: boolean;
  /** Callers prove themselves who they are, and what proves it is passed on: nobody else adds anything. */
  readonly areCallersKnown?: boolean;
}

/** Headers by which a caller would claim an identity; they are never passed on. */
const identity = /^x-remote-(user|uid|group|extra-)/;

/** The headers of a request as the cluster gets them, before the credentials are added. */
export function requestHeaders(
  request: Pick<HttpRequest, 'headers' | 'peer'>,
  { mayImpersonate, areCallersKnown = false }: ForwardedHeaderOptions,
): HttpHeaders {
  return forwardedHeaders(
    request,
    'http',
    (name) =>
      (name.startsWith('x-remote-') && identity.test(name)) ||
      (!mayImpersonate && name.startsWith('impersonate-')) ||
      (!areCallersKnown && name === 'authorization'),
  );
}

/** The same for an upgrade. */
export function upgradeHeaders(
  request: Pick<HttpRequest, 'headers' | 'peer'>,
  options: ForwardedHeaderOptions,
): HttpHeaders {
  const { 'sec-websocket-protocol': protocols, ...headers } = requestHeaders(request, options);
  const asked = [protocols ?? []].flat();
  const kept = options.areCallersKnown === true ? asked.join(', ') : withoutTokens(asked);
  return kept === '' ? headers : { ...headers, 'sec-websocket-protocol': kept };
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
