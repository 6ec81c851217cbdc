import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { explicitTarget } from '@fairway/client';
import { type TransportOptions, buildTransport } from '@fairway/client/connect';
import { DisposalStack, silentLogger } from '@fairway/host';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { listen } from '@fairway/serving';
import { defaultAcceptRules } from '../src/filters/accept-filter.ts';
import { type ProxyOptions, createProxy } from '../src/create-proxy.ts';

/** What stands behind the proxy in a test. */
export interface Upstream {
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** A proxy before a server of a few lines. */
export interface ProxiedServer extends RunningProxy {
  /** Requests that reached the server. */
  readonly received: readonly IncomingMessage[];
}

export async function serveThroughProxy(
  upstream: Upstream,
  options: Partial<ProxyOptions> = {},
): Promise<ProxiedServer> {
  await using started = new DisposalStack();
  const received: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    received.push(request);
    (upstream.answer ?? ((_, to) => to.end('{}')))(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    received.push(request);
    socket.on('error', () => {});
    if (upstream.upgrade === undefined) socket.destroy();
    else upstream.upgrade(request, socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  started.defer(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy = started.use(await serveProxy([origin], {}, options));
  const running = started.move();
  return { ...proxy, received, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** A proxy on a free port of this machine. */
export interface RunningProxy extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Connections of callers that are open. */
  connectionCount(): number;
}

/** Starts a proxy before the servers at these addresses, which are one cluster. */
export async function serveProxy(
  [server = '', ...others]: readonly string[],
  transportOptions: Partial<TransportOptions> = {},
  options: Partial<ProxyOptions> = {},
): Promise<RunningProxy> {
  await using started = new DisposalStack();
  const servers = [server, ...others] as const;
  const target = { ...explicitTarget(systemClock, { server: servers }), disableCompression: true };
  const transport = started.use(
    buildTransport(target, {
      clock: systemClock,
      random: systemRandom,
      isRetryWanted: false,
      isHttp2ForWatchesOnly: true,
      ...transportOptions,
    }),
  );
  const proxy = createProxy({
    transport,
    servers,
    rules: defaultAcceptRules,
    apiPrefix: '/',
    mayImpersonate: false,
    keepAliveMs: 15_000,
    logger: silentLogger,
    ...options,
  });
  const listener = started.use(
    await listen({
      host: '127.0.0.1',
      port: 0,
      ...proxy,
      logger: silentLogger,
      clock: systemClock,
    }),
  );
  if (!('port' in listener.address)) throw new Error('not a TCP listener');
  const running = started.move();
  return {
    port: listener.address.port,
    url: listener.url,
    connectionCount: () => listener.connectionCount,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** A raw connection and everything that came on it, as text. */
export function openRaw(port: number): {
  readonly socket: Socket;
  until(text: string): Promise<string>;
} {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let received = '';
  let isClosed = false;
  let wake = (): void => {};
  socket.on('error', () => {});
  socket.on('data', (chunk: string) => {
    received += chunk;
    wake();
  });
  socket.on('close', () => {
    isClosed = true;
    wake();
  });
  return {
    socket,
    async until(text) {
      while (!received.includes(text) && !isClosed) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return received;
    },
  };
}
