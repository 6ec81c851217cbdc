import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Client } from '../client.ts';
import type { CallOptions, NamespaceOption } from '../resource/call-options.ts';
import { type PodConnections, openPodConnections } from './pod-connections.ts';

export interface ForwardPortOptions extends CallOptions, NamespaceOption {
  /** A free one when absent. */
  readonly localPort?: number;
  /** `127.0.0.1` when absent; anything else lets other machines in. */
  readonly localAddress?: string;
  /** Connections at a time, 512 when absent; more than that are closed at once. */
  readonly connectionsMax?: number;
  /** Called for each connection that failed. The others continue. */
  readonly onConnectionFailed?: (failure: unknown) => void;
}

/** A local port that leads to a port of a pod. */
export interface PortForward extends AsyncDisposable {
  readonly localAddress: string;
  readonly localPort: number;
  /** Stops listening and cuts the connections. */
  close(): Promise<void>;
}

/**
 * Listens on a local port and carries each connection to a port of a pod, all of them over one
 * connection to the server.
 *
 * When that is lost, so are the connections over it; the next local connection opens another, to
 * the pod that has the name by then. Nothing is tried without a caller who waits for it.
 *
 * Errors: `ApiError` and `ConnectionError` as the way into the pod cannot be opened; the system's
 * error when the local port cannot.
 */
export async function forwardPort(
  client: Client,
  pod: string,
  port: number,
  options: ForwardPortOptions = {},
): Promise<PortForward> {
  const { localPort = 0, localAddress = '127.0.0.1', connectionsMax = 512 } = options;
  const {
    localPort: _,
    localAddress: __,
    connectionsMax: ___,
    onConnectionFailed,
    ...where
  } = options;
  const { signal } = where;
  const ways = reopening(() => openPodConnections(client, pod, where));
  await ways.current();
  const sockets = new Set<Socket>();
  const carry = async (socket: Socket): Promise<void> => {
    try {
      const way = await ways.current();
      const remote = await way.connect(port);
      await pipeline(socket, remote, socket);
    } catch (cause) {
      if (!server.listening) return;
      // The near side hanging up in the middle is its own business.
      if (!isHangUp(cause)) onConnectionFailed?.(cause);
    } finally {
      socket.destroy();
    }
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    void carry(socket);
  });
  server.maxConnections = connectionsMax;
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', onAbort);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await Promise.all([closed, ways.close()]);
  };
  const onAbort = (): void => void close();
  try {
    await listen(server, localPort, localAddress);
  } catch (error) {
    await ways.close();
    throw error;
  }
  signal?.addEventListener('abort', onAbort, { once: true });
  const bound = server.address() as AddressInfo;
  return {
    localAddress: bound.address,
    localPort: bound.port,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** One way into the pod at a time; another one when it is lost and somebody needs it. */
function reopening(open: () => Promise<PodConnections>): {
  current(): Promise<PodConnections>;
  close(): Promise<void>;
} {
  let opening: Promise<PodConnections> | undefined;
  let way: PodConnections | undefined;
  let isClosed = false;
  return {
    async current() {
      if (way?.isOver === true) way = opening = undefined;
      opening ??= open();
      const mine = opening;
      try {
        way = await mine;
      } catch (error) {
        if (opening === mine) opening = undefined;
        throw error;
      }
      if (isClosed) await way.close();
      return way;
    },
    async close() {
      isClosed = true;
      await way?.close();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function isHangUp(cause: unknown): boolean {
  if (!(cause instanceof Error) || !('code' in cause)) return false;
  return cause.code === 'ECONNRESET' || cause.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
