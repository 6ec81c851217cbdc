import { acceptUpgrade } from '../accept-upgrade.ts';
import type { ByteStream } from '../byte-stream.ts';
import type { HttpRequest } from '../http-message.ts';
import type { UpgradeAnswer } from '../upgrade.ts';
import { negotiateUpgrade, refuseUpgrade } from './negotiate-upgrade.ts';
import { portsMax, servePortChannels } from './serve-port-channels.ts';
import { servePortStreams } from './serve-port-streams.ts';
import { type ServedPorts, isPort } from './served-ports.ts';
import { ServerWebSocket } from './server-web-socket.ts';

const protocol = 'portforward.k8s.io';
const channelsProtocol = 'v4.channel.k8s.io';

/**
 * The server's half of port-forward: answers an upgrade with a way to the ports of a pod, or refuses
 * it when caller and server have no protocol in common.
 *
 * Source: Kubernetes portforward; KEP-4006.
 */
export function acceptPorts(request: HttpRequest, ports: ServedPorts): UpgradeAnswer {
  const known = { websocket: [`SPDY/3.1+${protocol}`, channelsProtocol], spdy: [protocol] };
  const negotiated = negotiateUpgrade(request, known);
  if (negotiated.kind === 'refused') return negotiated;
  if (negotiated.headers['sec-websocket-protocol'] === channelsProtocol) {
    const asked = readPorts(request.query);
    if (typeof asked === 'string') return refuseUpgrade(400, asked);
    return acceptUpgrade(negotiated.headers, (stream) =>
      servePortChannels(stream, { ...ports, ports: asked }),
    );
  }
  return acceptUpgrade(negotiated.headers, (stream) =>
    servePortStreams(negotiated.way === 'spdy' ? stream : insideWebSocket(stream), ports),
  );
}

/**
 * The ports of the query, or what is wrong with them. Streams name theirs; channels cannot.
 *
 * Source: kubelet, streaming server, `NewV4Options`.
 */
function readPorts(query: string): readonly number[] | string {
  const texts = new URLSearchParams(query).getAll('port').flatMap((text) => text.split(','));
  if (texts.length === 0) return 'query parameter "port" is required';
  if (texts.length > portsMax) return `at most ${portsMax} ports can be asked for at once`;
  const wrong = texts.find((text) => !isPort(Number(text)));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is not a port`;
  return texts.map(Number);
}

// The borders of messages mean nothing to SPDY.
function insideWebSocket(stream: ByteStream): Pick<ByteStream, 'incoming' | 'write'> {
  const socket = new ServerWebSocket(stream);
  return { incoming: socket.messages(), write: (bytes) => socket.send(bytes) };
}
