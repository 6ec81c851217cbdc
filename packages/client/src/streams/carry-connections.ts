import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CallOptions } from '../resource/call-options.ts';

export interface CarryOptions extends CallOptions {
  /** A free one when absent. */
  readonly localPort?: number;
  /** `127.0.0.1` when absent; anything else lets other machines in. */
  readonly localAddress?: string;
  /** Connections at a time, 512 when absent; more than that are closed at once. */
  readonly connectionsMax?: number;
  /** Called for each connection that failed. The others continue. */
  readonly onConnectionFailed?: (failure: unknown) => void;
}

/** A local port that leads elsewhere. */
export interface PortForward extends AsyncDisposable {
  readonly localAddress: string;
  readonly localPort: number;
  /** Stops listening and cuts the connections. */
  close(): Promise<void>;
}

/**
 * Listens on a local port and carries each connection over one that `connect` opens for it, until it is closed or the
 * signal aborts.
 *
 * Errors: the system's error when the local port cannot be listened on.
 */
export async function carryConnections(
  connect: () => Promise<Duplex>,
  options: CarryOptions = {},
): Promise<PortForward> {
  const { localPort = 0, localAddress = '127.0.0.1', connectionsMax = 512, signal } = options;
  signal?.throwIfAborted();
  const sockets = new Set<Socket>();
  const carry = async (socket: Socket): Promise<void> => {
    try {
      const remote = await connect();
      await pipeline(socket, remote, socket);
    } catch (cause) {
      if (!server.listening) return;
      // The near side hanging up in the middle is its own business.
      if (!isHangUp(cause)) options.onConnectionFailed?.(cause);
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
    await closed;
  };
  const onAbort = (): void => void close();
  await listen(server, localPort, localAddress);
  signal?.addEventListener('abort', onAbort, { once: true });
  const bound = server.address() as AddressInfo;
  return {
    localAddress: bound.address,
    localPort: bound.port,
    close,
    [Symbol.asyncDispose]: close,
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
