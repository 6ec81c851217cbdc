import { acceptUpgrade } from '../accept-upgrade.ts';
import { type ByteStream, joinByteStreams } from '../byte-stream.ts';
import type { HttpRequest } from '../http-message.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import type { UpgradeAnswer } from '../upgrade.ts';
import { negotiateUpgrade, refuseUpgrade } from './negotiate-upgrade.ts';
import { portsMax, servePortChannels } from './serve-port-channels.ts';
import { refuseStream, serveSpdy } from './serve-spdy.ts';
import type { ServedPorts } from './served-ports.ts';
import { streamCreationMs } from './served-process.ts';
import { ServerWebSocket } from './server-web-socket.ts';

const protocol = 'portforward.k8s.io';
const channelsProtocol = 'v4.channel.k8s.io';
/** Two for each connection. */
const streamsMax = 1_024;

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
    servePorts(negotiated.way === 'spdy' ? stream : insideWebSocket(stream), ports),
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

/** The two streams of one connection come one after the other. */
interface HalfPair {
  readonly stream: SpdyStream;
  readonly late: { cancel(): void };
}

async function servePorts(
  stream: Pick<ByteStream, 'incoming' | 'write'>,
  { connect, clock }: ServedPorts,
): Promise<void> {
  const halves = new Map<string, HalfPair>();
  const onStream = (opened: SpdyStream): void => {
    const { streamtype, requestid = '', port } = opened.headers;
    const id = String(requestid);
    const other = halves.get(id);
    const isKnown = streamtype === 'error' || streamtype === 'data';
    const isTwice = other?.stream.headers['streamtype'] === streamtype;
    if (!isKnown || isTwice) return refuseStream(opened);
    void opened.reply().catch(() => {}); // Reading tells what happened.
    if (other === undefined) {
      const late = clock.schedule(streamCreationMs, () => {
        halves.delete(id);
        refuseStream(opened);
      });
      return void halves.set(id, { stream: opened, late });
    }
    halves.delete(id);
    other.late.cancel();
    const [error, data] = streamtype === 'data' ? [other.stream, opened] : [opened, other.stream];
    void forward({ error, data }, () => connect(readPort(port)));
  };
  const { received } = serveSpdy(stream, { streamsMax, onStream });
  await received.finally(() => {
    for (const { late } of halves.values()) late.cancel();
  });
}

function readPort(text: unknown): number {
  const port = Number(text);
  if (isPort(port)) return port;
  throw new Error(`${JSON.stringify(text)} is not a port`);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

async function forward(
  { error, data }: { readonly error: SpdyStream; readonly data: SpdyStream },
  open: () => Promise<ByteStream>,
): Promise<void> {
  try {
    const remote = await open();
    await joinByteStreams(asByteStream(data), remote);
    await error.end();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    // The caller may have gone, which is why.
    await error.write(new TextEncoder().encode(why)).catch(() => {});
    await error.end().catch(() => {});
    refuseStream(data);
  }
}

function asByteStream(data: SpdyStream): Omit<ByteStream, 'closed'> {
  return {
    incoming: data.bytes,
    write: (bytes) => data.write(bytes),
    end: () => data.end(),
    destroy: () => refuseStream(data),
  };
}
