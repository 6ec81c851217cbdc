import { emptyHeaders } from './empty-headers.ts';
import { type HttpHeaders, type HttpRequest, headerOf } from './http-message.ts';

/** The framing of one connection of HTTP/1.1, which HTTP/2 must not be sent. Source: RFC 9113 §8.2.2. */
export const connectionHeaders: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** What else belongs to one connection and not to the message. Source: RFC 9110 §7.6.1. */
const otherHopByHop: ReadonlySet<string> = new Set([
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
]);

/**
 * The headers of a message that whoever passes it on passes on as well: a fresh object. `isLeftOut`: what
 * is not passed on either.
 */
export function endToEndHeaders(
  headers: HttpHeaders,
  isLeftOut: (name: string) => boolean = leavesNothingOut,
): Record<string, string | readonly string[]> {
  const named = connectionOptions(headers);
  // Nothing is deleted from it, which would make it slow to read.
  const kept = emptyHeaders();
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || isHopByHop(name) || named.has(name) || isLeftOut(name)) continue;
    kept[name] = value;
  }
  return kept;
}

function leavesNothingOut(): boolean {
  return false;
}

function isHopByHop(name: string): boolean {
  return connectionHeaders.has(name) || otherHopByHop.has(name);
}

/**
 * The headers of a request as the next server gets them: with where it came from, without a host. `scheme`:
 * by which the caller came here. A fresh object.
 */
export function forwardedHeaders(
  { headers, peer }: Pick<HttpRequest, 'headers' | 'peer'>,
  scheme: 'http' | 'https',
  isLeftOut: (name: string) => boolean = leavesNothingOut,
): Record<string, string | readonly string[]> {
  const kept = endToEndHeaders(headers, (name) => isOfOneHop(name) || isLeftOut(name));
  const chain = forwardedFor({ headers: kept, ...(peer === undefined ? {} : { peer }) });
  if (chain !== undefined) kept['x-forwarded-for'] = chain;
  kept['x-forwarded-host'] ??= headerOf(headers, 'host') ?? '';
  kept['x-forwarded-proto'] ??= scheme;
  return kept;
}

/** What whoever passes a request on says or answers itself. */
function isOfOneHop(name: string): boolean {
  return name === 'host' || name === 'expect';
}

/** `X-Forwarded-For` with the caller as its last; undefined when nobody is known. */
export function forwardedFor({
  headers,
  peer,
}: Pick<HttpRequest, 'headers' | 'peer'>): string | undefined {
  const earlier = [headers['x-forwarded-for'] ?? []].flat();
  const chain = peer === undefined ? earlier : [...earlier, peer.address];
  const text = chain.filter((each) => each !== '').join(', ');
  return text === '' ? undefined : text;
}

function connectionOptions(headers: HttpHeaders): ReadonlySet<string> {
  const values = headers['connection'];
  // What nearly every message says names nothing that could be passed on.
  if (values === undefined || values === 'keep-alive' || values === 'close') return none;
  const names = [values].flat().flatMap((value) => value.split(','));
  return new Set(names.map((name) => name.trim().toLowerCase()));
}

const none: ReadonlySet<string> = new Set();
