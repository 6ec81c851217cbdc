import type { HttpHeaders, HttpRequest } from './http-message.ts';

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

/** The headers of a message that whoever passes it on passes on as well: a fresh object. */
export function endToEndHeaders(headers: HttpHeaders): Record<string, string | readonly string[]> {
  const named = connectionOptions(headers);
  const kept: Record<string, string | readonly string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !hopByHop.has(name) && !named.has(name)) kept[name] = value;
  }
  return kept;
}

/** `X-Forwarded-For` with the caller as its last; undefined when nobody is known. */
export function forwardedFor({
  headers,
  peer,
}: Pick<HttpRequest, 'headers' | 'peer'>): string | undefined {
  const chain = [headers['x-forwarded-for'] ?? [], peer?.address ?? ''].flat();
  const text = chain.filter((each) => each !== '').join(', ');
  return text === '' ? undefined : text;
}

function connectionOptions(headers: HttpHeaders): ReadonlySet<string> {
  const values = headers['connection'];
  if (values === undefined) return none;
  const names = [values].flat().flatMap((value) => value.split(','));
  return new Set(names.map((name) => name.trim().toLowerCase()));
}

const none: ReadonlySet<string> = new Set();
