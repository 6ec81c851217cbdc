import type { ByteStream } from '../byte-stream.ts';
import { SpdySession } from '../spdy/spdy-session.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import { zlibHeaderCompression } from '../spdy/zlib-header-compression.ts';

/** The server's side of a SPDY connection. `received` settles when the caller has said all. */
export function serveSpdy(
  stream: Pick<ByteStream, 'incoming' | 'write'>,
  options: { readonly streamsMax: number; readonly onStream: (opened: SpdyStream) => void },
): { readonly session: SpdySession; readonly received: Promise<void> } {
  const session = new SpdySession({
    role: 'server',
    compression: zlibHeaderCompression(),
    write: (bytes) => stream.write(bytes),
    ...options,
  });
  const receive = async (): Promise<void> => {
    try {
      for await (const chunk of stream.incoming) await session.receive(chunk);
      session.end();
    } catch (error) {
      session.end(error);
      throw error;
    }
  };
  const received = receive();
  received.catch(() => {}); // Who serves reads it as well.
  return { session, received };
}

/** Refuses a stream. That fails only when the connection is gone, and all streams with it. */
export function refuseStream(stream: SpdyStream): void {
  void stream.reset().catch(() => {});
}
