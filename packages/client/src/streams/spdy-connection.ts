import type { Clock } from '@fairway/host';
import { zlibHeaderCompression } from '@fairway/protocol/nodejs';
import { SpdySession } from '@fairway/protocol/streams';
import { ConnectionError } from '../transport/connection-error.ts';
import type { BytePipe } from './upgraded-stream.ts';
import { Keepalive, silenceMs } from './keepalive.ts';

/** The client's side of a SPDY connection. */
export interface SpdyConnection {
  readonly session: SpdySession;
  /** Resolves when the connection is over, with why if that was not its end. */
  readonly over: Promise<unknown>;
  close(): void;
}

/** Speaks SPDY/3.1 over a pipe. `pingIntervalMs`: absent when the pipe looks after itself. */
export function speakSpdy(
  pipe: BytePipe,
  options: { readonly clock: Clock; readonly pingIntervalMs?: number; readonly subject: string },
): SpdyConnection {
  const { clock, pingIntervalMs, subject } = options;
  const session = new SpdySession({
    role: 'client',
    write: async (bytes) => {
      await afterReading();
      await pipe.write(bytes);
    },
    compression: zlibHeaderCompression(),
  });
  let silence: ConnectionError | undefined;
  const keepalive =
    pingIntervalMs === undefined
      ? undefined
      : new Keepalive({
          clock,
          intervalMs: pingIntervalMs,
          silenceMs,
          ping: () => void session.ping().catch(() => {}), // Reading tells what happened.
          onSilence: () => {
            const message = `${subject}: the server was silent for ${silenceMs} ms`;
            silence = new ConnectionError({ problem: 'timeout', message });
            pipe.destroy();
          },
        });
  const read = async (): Promise<unknown> => {
    try {
      for await (const chunk of pipe.incoming) {
        keepalive?.pause();
        await session.receive(chunk);
        keepalive?.resume();
      }
      return undefined;
    } catch (cause) {
      return silence ?? cause;
    } finally {
      keepalive?.stop();
      pipe.destroy();
    }
  };
  const over = read().then((cause) => {
    session.end(cause);
    return cause;
  });
  return { session, over, close: () => pipe.destroy() };
}

/**
 * What has come is read before anything is sent: a write that finds the connection closed by the other side ends it
 * with the rest of the answer unread.
 */
function afterReading(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
