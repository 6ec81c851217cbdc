import type { HttpHeaders, HttpRequest } from '@fairway/protocol';
import {
  type Authenticator,
  type TokenAuthenticator,
  rejected,
  unrecognised,
} from './authenticator.ts';

/** Longer than any token we or an identity provider would issue. */
const tokenCharactersMax = 16 * 1024;

const bearerProtocolPrefix = 'base64url.bearer.authorization.k8s.io.';

/**
 * Authenticates by the bearer token of a request: in `Authorization`, or, because a browser cannot
 * set headers on a WebSocket, in its subprotocols.
 *
 * A token that no authenticator recognises is rejected: a request with a credential never counts as
 * anonymous.
 *
 * Source: RFC 6750; Kubernetes authentication, `base64url.bearer.authorization.k8s.io`.
 */
export function bearerTokenAuthenticator(authenticator: TokenAuthenticator): Authenticator {
  return async (request) => {
    const found = findToken(request);
    if (found.kind !== 'token') return found;
    if (found.token.length > tokenCharactersMax) {
      return rejected(`the token is longer than ${tokenCharactersMax} characters`);
    }
    const outcome = await authenticator(found.token, []);
    return outcome.kind === 'unrecognised' ? rejected('nobody knows this token') : outcome;
  };
}

/** The headers without a token in the WebSocket subprotocols, which must not travel further. */
export function withoutBearerProtocol(headers: HttpHeaders): HttpHeaders {
  const protocols = subprotocolsOf(headers);
  if (!protocols.some(isBearerProtocol)) return headers;
  const kept = protocols.filter((each) => !isBearerProtocol(each));
  return { ...headers, 'sec-websocket-protocol': kept.join(', ') };
}

type TokenSearch =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'unrecognised' }
  | { readonly kind: 'rejected'; readonly why: string };

function findToken(request: HttpRequest): TokenSearch {
  const header = request.headers['authorization'];
  const values = header === undefined ? [] : typeof header === 'string' ? [header] : header;
  if (values.length > 1) return rejected('more than one Authorization header');
  const found = parseAuthorization(values[0] ?? '');
  return found.kind === 'unrecognised' ? findProtocolToken(request.headers) : found;
}

function parseAuthorization(value: string): TokenSearch {
  const [scheme = '', token = '', ...more] = value.trim().split(/[ \t]+/);
  if (scheme.toLowerCase() !== 'bearer' || token === '') return unrecognised;
  if (more.length > 0) return rejected('the Authorization header holds more than one token');
  return { kind: 'token', token };
}

function findProtocolToken(headers: HttpHeaders): TokenSearch {
  const protocols = subprotocolsOf(headers);
  const [encoded, ...more] = protocols.filter(isBearerProtocol);
  if (encoded === undefined || !isWebSocket(headers)) return unrecognised;
  if (more.length > 0) return rejected('more than one token in the WebSocket subprotocols');
  if (protocols.length < 2) return rejected('no WebSocket subprotocol beside the token');
  const token = decodeBase64Url(encoded.slice(bearerProtocolPrefix.length));
  return token === undefined || token === ''
    ? rejected('the token in the WebSocket subprotocols is not base64url of UTF-8')
    : { kind: 'token', token };
}

function isWebSocket(headers: HttpHeaders): boolean {
  return String(headers['upgrade'] ?? '').toLowerCase() === 'websocket';
}

function isBearerProtocol(protocol: string): boolean {
  return protocol.startsWith(bearerProtocolPrefix);
}

function subprotocolsOf(headers: HttpHeaders): readonly string[] {
  const header = headers['sec-websocket-protocol'];
  if (header === undefined) return [];
  const values = typeof header === 'string' ? [header] : header;
  return values.flatMap((value) => value.split(',').map((each) => each.trim()));
}

function decodeBase64Url(text: string): string | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const decoded = bytes.toString('utf8');
  return Buffer.from(decoded).equals(bytes) ? decoded : undefined;
}
