import { type HttpHeaders, type HttpRequest, endToEndHeaders } from '@fairway/protocol';
import type { RequestHost } from './request-host.ts';

/** How a client came to the ingress. */
export type Scheme = 'http' | 'https';

/**
 * The headers of a request as a backend gets them. Where it came from is said by the ingress alone: what the
 * client says of that, also spelled with underscores, which some programs take for the same, is left out.
 */
export function backendHeaders(
  { headers, peer }: Pick<HttpRequest, 'headers' | 'peer'>,
  { scheme, host }: { readonly scheme: Scheme; readonly host: RequestHost },
): HttpHeaders {
  const sent = endToEndHeaders(headers);
  delete sent['expect'];
  for (const name in sent) {
    if (claim.test(name)) delete sent[name];
  }
  if (peer !== undefined) {
    const address = peer.address.replace(/^::ffff:(?=\d+\.)/, '');
    sent['x-forwarded-for'] = address;
    sent['x-real-ip'] = address;
  }
  sent['x-forwarded-proto'] = scheme;
  sent['x-forwarded-host'] = sent['host'] ?? '';
  sent['x-forwarded-port'] = host.port ?? (scheme === 'https' ? '443' : '80');
  return sent;
}

const claim = /^(?:x[-_]forwarded(?:[-_]|$)|forwarded$|x[-_]real[-_]ip$)/;
