import type { HttpHeaders, HttpRequest } from '@fairway/protocol';

/**
 * The request as it goes over the wire: below the path of the server, and with header values whose
 * characters beyond ASCII are the bytes of their UTF-8, as other Kubernetes clients send them.
 *
 * Errors: `TypeError` for what HTTP cannot carry. HTTP/2 would drop such a header in silence, and
 * with it who we are.
 */
export function wireRequest(request: HttpRequest, prefix: string): HttpRequest {
  const { method, path, query, headers } = request;
  if (!isTarget(path) || !(query === '' || isTarget(`/${query}`))) {
    throw new TypeError('the path or query of a request holds what must be percent-encoded');
  }
  if (!token.test(method)) throw new TypeError('the method of a request is not a token of HTTP');
  return { ...request, path: `${prefix}${path}`, headers: wireHeaders(headers) };
}

/** A name or a method. Source: RFC 9110 §5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function isTarget(text: string): boolean {
  return /^\/[\x21-\x7e]*$/.test(text);
}

function wireHeaders(headers: HttpHeaders): HttpHeaders {
  let sent: Record<string, string | readonly string[]> | undefined;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (!token.test(name)) throw new TypeError('the name of a header is not a token of HTTP');
    const wired =
      typeof value === 'string'
        ? wireValue(name, value)
        : value.map((each) => wireValue(name, each));
    if (wired === value) continue;
    sent ??= { ...headers };
    sent[name] = wired;
  }
  return sent ?? headers;
}

function wireValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e]*$/.test(value)) return value;
  // The value may be secret.
  if (hasControl(value)) {
    throw new TypeError(`the header "${name}" holds a line break or another control character`);
  }
  return String.fromCharCode(...new TextEncoder().encode(value));
}

function hasControl(value: string): boolean {
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    if ((code < 0x20 && code !== 9) || code === 0x7f) return true;
  }
  return false;
}
