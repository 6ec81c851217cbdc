import { type RequestListener, createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { type Clock, DisposalStack, silentLogger } from '@fairway/host';
import { systemClock } from '@fairway/host/nodejs';
import { type RealListener, listenForTest } from '@fairway/serving/testing';
import type { ServerTls } from '@fairway/serving';
import type { Access } from '../src/ingress/access-log.ts';
import { BackendConnections, type BackendLimits } from '../src/ingress/backend-connections.ts';
import { Backends } from '../src/ingress/find-backends.ts';
import { ingressHandlers } from '../src/ingress/ingress-handler.ts';
import { routingTable } from '../src/ingress/routing-table.ts';

/** An ingress on a port of this machine that leads everything to one service. */
export interface ServedIngress extends AsyncDisposable {
  readonly listener: RealListener;
  readonly port: number;
  readonly accesses: readonly Access[];
}

/** `backends`: ports of this machine, in their order. */
export async function serveIngress(
  backends: readonly number[],
  options: {
    readonly tls?: ServerTls;
    readonly clock?: Clock;
    readonly limits?: Partial<BackendLimits>;
    readonly bodyBytesMax?: number;
  } = {},
): Promise<ServedIngress> {
  const { tls, clock = systemClock, limits = {}, bodyBytesMax } = options;
  const accesses: Access[] = [];
  const route = { ingress: 'shop/front', namespace: 'shop', service: 'web', port: 80 };
  const table = routingTable([
    { paths: [{ host: '', path: '/', pathType: 'Prefix', route }], fallback: undefined },
  ]);
  const all = new Backends(backends.map((port) => ({ address: '127.0.0.1', port })));
  const connections = new BackendConnections({ clock, limits });
  const { handler, upgradeHandler } = ingressHandlers({
    table: () => table,
    findBackends: () =>
      backends.length > 0
        ? { kind: 'backends', backends: all }
        : { kind: 'none', why: 'the service shop/web has no ready endpoints', isPassing: true },
    connections,
    noteAccess: (access) => void accesses.push(access),
    scheme: tls === undefined ? 'http' : 'https',
    clock,
    logger: silentLogger,
    ...(bodyBytesMax === undefined ? {} : { bodyBytesMax }),
  });
  await using opening = new DisposalStack();
  opening.defer(async () => connections[Symbol.dispose]());
  const tlsOption = tls === undefined ? {} : { tls };
  const listener = opening.use(
    await listenForTest(handler, { upgradeHandler, clock, ...tlsOption }),
  );
  const opened = opening.move();
  return {
    listener,
    port: listener.port,
    accesses,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** A program of a service. */
export interface TestBackend extends AsyncDisposable {
  readonly port: number;
  /** Connections that were made so far. */
  readonly connectionCount: number;
  /** Of these, how many are open. */
  readonly openCount: number;
}

export async function startBackend(answer: RequestListener): Promise<TestBackend> {
  return started(createHttpServer(answer));
}

/** One that answers with bytes, and is told what came when it came. */
export async function startRawBackend(
  hear: (socket: Socket, text: string) => void,
): Promise<TestBackend> {
  return started(
    createServer((socket) => {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('data', (bytes) => hear(socket, bytes.toString('latin1')));
    }),
  );
}

/** A port of this machine on which nobody listens. */
export async function deadPort(): Promise<number> {
  await using backend = await startBackend(() => {});
  return backend.port;
}

async function started(server: Server): Promise<TestBackend> {
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  server.on('connection', (socket) => {
    connectionCount += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connectionCount() {
      return connectionCount;
    },
    get openCount() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
