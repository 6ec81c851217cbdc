import { once } from 'node:events';
import http2 from 'node:http2';
import https, { type RequestOptions } from 'node:https';
import http, { type IncomingHttpHeaders } from 'node:http';
import net from 'node:net';
import { type Clock, type LogFields, type Logger, silentLogger } from '@fairway/host';
import { systemClock } from '@fairway/host/nodejs';
import type { Handler, HttpResponse, UpgradeHandler } from '@fairway/protocol';
import { type Listener, listen } from './listen.ts';
import type { ServerTls } from './node-server.ts';
import type { ServingLimits } from './serving-limits.ts';

export interface RealListenerOptions {
  /** Real time when absent. */
  readonly clock?: Clock;
  readonly tls?: ServerTls;
  readonly limits?: Partial<ServingLimits>;
  readonly upgradeHandler?: UpgradeHandler;
}

export interface RealListener extends Listener {
  readonly port: number;
  /** Error messages that the listener logged. */
  readonly errors: readonly (LogFields | undefined)[];
}

/** A listener on a free port of this machine, with real time and real sockets. */
export async function listenForTest(
  handler: Handler,
  options: RealListenerOptions = {},
): Promise<RealListener> {
  const errors: (LogFields | undefined)[] = [];
  const logger: Logger = { ...silentLogger, error: (_, fields) => void errors.push(fields) };
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    handler,
    logger,
    clock: systemClock,
    ...options,
  });
  if (!('port' in listener.address)) throw new Error('not a TCP listener');
  return Object.assign(listener, { port: listener.address.port, errors });
}

export function textResponse(text: string): HttpResponse {
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from(text) };
}

export interface ReceivedResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends one HTTP/1.1 request on a connection of its own, and reads the whole answer. */
export async function sendHttp1(
  url: string,
  { body, ...options }: RequestOptions & { readonly body?: string } = {},
): Promise<ReceivedResponse> {
  const client = url.startsWith('https') ? https : http;
  const request = client.request(url, { agent: false, ...options });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const chunks = await response.toArray();
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(chunks).toString(),
  };
}

/** Opens an HTTP/2 connection that closes with the block it is declared in. */
export async function connectHttp2(
  url: string,
  options: http2.SecureClientSessionOptions,
): Promise<{ readonly session: http2.ClientHttp2Session } & Disposable> {
  const session = http2.connect(url, options);
  await once(session, 'connect');
  session.on('error', () => {});
  return { session, [Symbol.dispose]: () => session.destroy() };
}

/** Sends one HTTP/2 request and reads the whole answer. */
export async function sendHttp2(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body?: string,
): Promise<ReceivedResponse> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [received] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
  const chunks = await stream.toArray();
  return {
    status: Number(received[':status']),
    headers: received,
    text: Buffer.concat(chunks).toString(),
  };
}

/**
 * A port of this machine that was free just now, for programs that have to be told theirs; nobody listens there
 * until somebody else comes.
 */
export async function suggestPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Sends raw bytes and reads what comes until the other end hangs up. */
export async function sendRaw(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(bytes);
  const chunks = await socket.toArray();
  return Buffer.concat(chunks).toString();
}
