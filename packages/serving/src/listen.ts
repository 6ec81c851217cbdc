import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { ListenOptions as NodeListenOptions, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Clock, Logger } from '@fairway/host';
import { type Handler, type UpgradeHandler, hostPort } from '@fairway/protocol';
import { type AnswerOptions, answerHttp1, answerHttp2 } from './answer-request.ts';
import { answerUpgrade, answerWithoutUpgrade } from './answer-upgrade.ts';
import { Connections } from './connections.ts';
import { listenError } from './listen-error.ts';
import {
  type NodeServer,
  type ServerTls,
  createNodeServer,
  secureContextOptions,
} from './node-server.ts';
import { readPeer } from './read-peer.ts';
import { refuseMalformed } from './refuse-malformed.ts';
import { requireTls } from './require-tls.ts';
import { type ServingLimits, defaultServingLimits } from './serving-limits.ts';
import { prepareUnixSocket, restrictUnixSocket } from './unix-socket.ts';
import { UnreadBytes } from './unread-bytes.ts';
import { isUpgradeWanted } from './upgrade.ts';

/** Where to listen: port 0 picks a free one; `mode` is who may connect, as permission bits. */
export type ListenAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string; readonly mode: number };

export type ListenOptions = ListenAddress & {
  readonly handler: Handler;
  /** Without it, requests to change the protocol are answered by `handler`. */
  readonly upgradeHandler?: UpgradeHandler;
  /** Absent: plain HTTP/1.1. */
  readonly tls?: ServerTls;
  readonly limits?: Partial<ServingLimits>;
  readonly logger: Logger;
  readonly clock: Clock;
};

/** A server that accepts connections. */
export interface Listener extends AsyncDisposable {
  /** Where it really listens. */
  readonly address: ListenAddress;
  /** For clients: `https://127.0.0.1:6443`; for a Unix socket `unix:/path`. */
  readonly url: string;
  /** Connections open now. */
  readonly connectionCount: number;
  /** Uses other certificates for connections from now on. Throws `ListenError` when they do not fit. */
  replaceTls(tls: ServerTls): void;
  /** Stops accepting, lets requests finish for `graceMs` (0 unless told), then cuts what is left. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Listens on a TCP port or a Unix socket and answers what comes with `handler`.
 *
 * Errors: `ListenError`.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const limits = { ...defaultServingLimits, ...options.limits };
  const connections = new Connections();
  const server = await open(options, limits);
  serveRequests(server, connections, { ...options, limits });
  const address = actualAddress(server, options);
  const close = async ({ graceMs = 0 } = {}): Promise<void> => {
    const closed = connections.close(server);
    const timer = options.clock.schedule(graceMs, () => connections.destroy());
    await closed;
    timer.cancel();
  };
  return {
    address,
    get connectionCount() {
      return connections.count;
    },
    url: urlOf(address, options.tls !== undefined),
    replaceTls: (tls) => replaceTls(server, tls, addressText(address)),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

async function open(options: ListenOptions, limits: ServingLimits): Promise<NodeServer> {
  const where = addressText(options);
  try {
    const server = createNodeServer(options.tls, limits);
    if (options.tls !== undefined) requireTls(server, { limits, clock: options.clock });
    if ('path' in options) await prepareUnixSocket(options.path);
    await startListening(server, nodeAddress(options));
    if ('path' in options) await restrictUnixSocket(options.path, options.mode);
    return server;
  } catch (error) {
    throw listenError(where, error);
  }
}

function startListening(server: NodeServer, at: NodeListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function serveRequests(
  server: NodeServer,
  connections: Connections,
  options: ListenOptions & { readonly limits: ServingLimits },
): void {
  const { handler, limits, logger, clock, upgradeHandler } = options;
  const unread = new UnreadBytes({ clock, unreadBytesMax: limits.unreadBytesMax });
  const isClosing = (): boolean => connections.isClosing;
  const shared = { handler, limits, logger, clock, unread, isClosing };
  const http1Answers = new WeakMap<Duplex, AnswerOptions>();
  const http1Options = (socket: Socket): AnswerOptions => {
    let options = http1Answers.get(socket);
    if (options === undefined) {
      options = { ...shared, peer: readPeer(socket) };
      http1Answers.set(socket, options);
    }
    return options;
  };

  server.on('connection', (socket: Socket) => connections.addSocket(socket));
  const established = options.tls === undefined ? 'connection' : 'secureConnection';
  server.on(established, (socket: Socket | TLSSocket) => {
    if (!('alpnProtocol' in socket) || socket.alpnProtocol !== 'h2') connections.addSilent(socket);
  });
  server.on('error', (error: Error) => logger.error('listening failed', { error }));
  server.on('clientError', refuseMalformed);
  server.on('session', (session: ServerHttp2Session) =>
    serveSession(session, connections, { ...shared, peer: readPeer(session.socket) }),
  );
  server.on('request', (message: IncomingMessage, target: ServerResponse) => {
    connections.markUsed(message.socket);
    void answerHttp1(message, target, http1Options(message.socket));
  });
  if (upgradeHandler === undefined) return;
  server.on('upgrade', (message: IncomingMessage, socket: Socket, head: Buffer) => {
    connections.markUsed(socket);
    const answer = { ...http1Options(socket), upgradeHandler };
    // Only Node.js before 24.9 asks for upgrades that `shouldUpgradeCallback` does not want.
    if (!isUpgradeWanted(message.headers)) {
      void answerWithoutUpgrade(message, socket, answer);
    } else void answerUpgrade(message, { socket, head }, answer);
  });
}

function serveSession(
  session: ServerHttp2Session,
  connections: Connections,
  answer: AnswerOptions,
): void {
  connections.addSession(session);
  let openStreams = 0;
  session.on('error', (error) => answer.logger.debug('connection failed', { error }));
  session.setLocalWindowSize(1024 * 1024);
  session.setTimeout(answer.limits.idleTimeoutMs, () => {
    if (openStreams === 0) session.close();
  });
  session.on(
    'stream',
    (
      stream: ServerHttp2Stream,
      headers: IncomingHttpHeaders,
      _flags: number,
      rawHeaders: readonly string[],
    ) => {
      openStreams += 1;
      stream.once('close', () => (openStreams -= 1));
      void answerHttp2(stream, { headers, rawHeaders }, answer);
    },
  );
}

function replaceTls(server: NodeServer, tls: ServerTls, where: string): void {
  if (!('setSecureContext' in server)) {
    throw listenError(where, new Error('it was started without TLS'));
  }
  try {
    server.setSecureContext(secureContextOptions(tls));
  } catch (error) {
    throw listenError(where, error);
  }
}

function nodeAddress(address: ListenAddress): NodeListenOptions {
  return 'path' in address
    ? { path: address.path }
    : { host: address.host, port: address.port, exclusive: true };
}

function actualAddress(server: NodeServer, asked: ListenAddress): ListenAddress {
  const bound = server.address();
  if ('path' in asked) return { path: asked.path, mode: asked.mode };
  if (bound === null || typeof bound === 'string') return { host: asked.host, port: asked.port };
  return { host: bound.address, port: bound.port };
}

function addressText(address: ListenAddress): string {
  return 'path' in address ? address.path : hostPort(address.host, address.port);
}

function urlOf(address: ListenAddress, isSecure: boolean): string {
  if ('path' in address) return `unix:${address.path}`;
  return `${isSecure ? 'https' : 'http'}://${addressText(address)}`;
}
