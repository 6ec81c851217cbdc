import type { HttpHeaders, HttpRequest } from '../http-message.ts';
import type { UpgradeAnswer } from '../upgrade.ts';
import { webSocketAccept } from '../websocket/web-socket-accept.ts';

/** What the caller and we have in common, with the headers that say so. */
export interface NegotiatedUpgrade {
  readonly kind: 'negotiated';
  readonly way: 'websocket' | 'spdy';
  readonly headers: HttpHeaders;
}

type Refusal = Extract<UpgradeAnswer, { kind: 'refused' }>;

/**
 * Chooses the first protocol of the caller that is known here. Where there is none, the answer is
 * that of a kubelet, 403 in plain text, so that a client tries its next way.
 */
export function negotiateUpgrade(
  { headers }: HttpRequest,
  known: Readonly<Record<NegotiatedUpgrade['way'], readonly string[]>>,
): NegotiatedUpgrade | Refusal {
  const [upgrade = ''] = offersOf(headers, 'upgrade');
  switch (upgrade.toLowerCase()) {
    case 'websocket': {
      const accept = webSocketAccept(headers);
      if (accept === undefined)
        return refuseUpgrade(400, 'the WebSocket handshake is not version 13');
      const name = 'sec-websocket-protocol';
      return agree('websocket', { upgrade: 'websocket', 'sec-websocket-accept': accept }, name);
    }
    case 'spdy/3.1':
      return agree('spdy', { upgrade: 'SPDY/3.1' }, 'x-stream-protocol-version');
    default:
      return refuseUpgrade(400, `the protocol ${JSON.stringify(upgrade)} is not known`);
  }

  function agree(
    way: NegotiatedUpgrade['way'],
    answered: HttpHeaders,
    name: string,
  ): NegotiatedUpgrade | Refusal {
    const offered = offersOf(headers, name);
    const chosen = offered.find((each) => known[way].includes(each));
    if (chosen !== undefined) {
      return { kind: 'negotiated', way, headers: { ...answered, [name]: chosen } };
    }
    const [theirs, ours] = [offered.join(' '), known[way].join(' ')];
    const why = `client supports [${theirs}], server accepts [${ours}]`;
    return refuseUpgrade(403, `unable to negotiate protocol: ${why}`);
  }
}

function offersOf(headers: HttpHeaders, name: string): readonly string[] {
  const values = [headers[name] ?? []].flat().flatMap((value) => value.split(','));
  return values.map((each) => each.trim());
}

/** In the words of a kubelet, in plain text. */
export function refuseUpgrade(status: number, why: string): Refusal {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  const body = new TextEncoder().encode(`unable to upgrade: ${why}\n`);
  return { kind: 'refused', response: { status, headers, body } };
}
