import { createHash } from 'node:crypto';
import { apiError, badRequest } from '../api-error.ts';
import { type HttpHeaders, type HttpRequest, headerOf } from '../http-message.ts';

/** What the caller and we have in common, with the headers that say so. */
export interface NegotiatedUpgrade {
  readonly way: 'websocket' | 'spdy';
  readonly headers: HttpHeaders;
}

/**
 * Chooses the first protocol of the caller that is known here.
 *
 * Errors: `ApiError` Forbidden when there is none, as a kubelet answers, so that a client tries its
 * next way; BadRequest for a handshake that is none.
 */
export function negotiateUpgrade(
  request: HttpRequest,
  known: Readonly<Record<NegotiatedUpgrade['way'], readonly string[]>>,
): NegotiatedUpgrade {
  const upgrade = headerOf(request.headers, 'upgrade')?.trim() ?? '';
  switch (upgrade.toLowerCase()) {
    case 'websocket': {
      const accept = acceptOf(request.headers);
      const protocol = choose(request.headers, 'sec-websocket-protocol', known.websocket);
      const answered = { 'sec-websocket-accept': accept, 'sec-websocket-protocol': protocol };
      return { way: 'websocket', headers: { upgrade: 'websocket', ...answered } };
    }
    case 'spdy/3.1': {
      const protocol = choose(request.headers, 'x-stream-protocol-version', known.spdy);
      const headers = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol };
      return { way: 'spdy', headers };
    }
    default:
      throw badRequest(`unable to upgrade: the protocol ${JSON.stringify(upgrade)} is not known`);
  }
}

function choose(headers: HttpHeaders, name: string, known: readonly string[]): string {
  const offered = [headers[name] ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .map((each) => each.trim());
  const chosen = offered.find((each) => known.includes(each));
  if (chosen !== undefined) return chosen;
  const [theirs, ours] = [offered.join(' '), known.join(' ')];
  const why = `client supports [${theirs}], server accepts [${ours}]`;
  throw apiError('Forbidden', `unable to upgrade: unable to negotiate protocol: ${why}`);
}

// Source: RFC 6455 §4.2.
function acceptOf(headers: HttpHeaders): string {
  const key = headerOf(headers, 'sec-websocket-key') ?? '';
  const version = headerOf(headers, 'sec-websocket-version');
  if (version !== '13' || !/^[+/\w]{22}==$/.test(key)) {
    throw badRequest('unable to upgrade: the WebSocket handshake has no key, or is not version 13');
  }
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
