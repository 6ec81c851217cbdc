import type { HttpRequest } from '@fairway/protocol';

/**
 * The request as it goes over the wire: below the path of the server, and with header values whose
 * characters beyond ASCII are the bytes of their UTF-8, as other Kubernetes clients send them.
 *
 * Errors: `TypeError` for what HTTP cannot carry. HTTP/2 would drop such a header in silence, and
 * with it who we are.
 */
export function wireRequest(request: HttpRequest, prefix: string): HttpRequest {
  const target = `${request.path}?${request.query}`;
  if (!/^\/[\x21-\x7e]*$/.test(target)) {
    throw new TypeError('the path or query of a request holds what must be percent-encoded');
  }
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] =
      typeof value === 'string'
        ? wireValue(name, value)
        : value.map((each) => wireValue(name, each));
  }
  return { ...request, path: `${prefix}${request.path}`, headers };
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
