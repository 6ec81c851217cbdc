import { type ByteStream, joinByteStreams } from '../byte-stream.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import { refuseStream, serveSpdy } from './serve-spdy.ts';
import { type ServedPorts, isPort, toldFailure } from './served-ports.ts';
import { streamCreationMs } from './served-process.ts';

/** Two for each connection. */
const streamsMax = 1_024;

/** The two streams of one connection come one after the other. */
interface HalfPair {
  readonly stream: SpdyStream;
  readonly late: { cancel(): void };
}

/** Serves ports of a pod over SPDY: each connection has a stream for bytes, and one for what has failed. */
export async function servePortStreams(
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

async function forward(
  { error, data }: { readonly error: SpdyStream; readonly data: SpdyStream },
  open: () => Promise<ByteStream>,
): Promise<void> {
  try {
    const remote = await open();
    await joinByteStreams(asByteStream(data), remote);
    await error.end();
  } catch (cause) {
    // The caller may have gone, which is why.
    await error.write(toldFailure(cause)).catch(() => {});
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
