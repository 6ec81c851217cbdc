import type { IncomingMessage } from 'node:http';
import { type Socket, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Secret, messageOf } from '@fairway/host';
import { plainHost } from '@fairway/protocol';
import { connectSocket, portOf, readiness } from './connect-socket.ts';
import { ConnectionError } from './connection-error.ts';
import { explainFailure } from './explain-failure.ts';
import { nodeHttp } from './node-http.ts';
import type { SocketPlan } from './socket-plan.ts';

/** A plan that goes through a proxy. */
export type TunnelPlan = SocketPlan & { readonly proxyUrl: Secret };

/**
 * Opens a connection to the server through its proxy: by CONNECT for `http:` and `https:`, by the
 * handshake of RFC 1928 for `socks5:`.
 *
 * Errors: `ConnectionError` with the problem `proxy`, or `proxy-authentication` where the proxy wants to
 * know who asks; never with the password of the proxy.
 */
export async function openTunnel(plan: TunnelPlan, signal?: AbortSignal): Promise<Socket> {
  const proxy = parseProxyUrl(plan.proxyUrl.reveal());
  const socket = await reachProxy(plan, proxy, signal);
  try {
    if (proxy.protocol.startsWith('socks5')) await greetSocks({ plan, proxy, socket }, signal);
    else await askToConnect({ plan, proxy, socket }, signal);
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}

function parseProxyUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^(https?|socks5h?):$/.test(url.protocol)) return url;
  throw new ConnectionError({
    problem: 'proxy',
    message: 'the proxy URL cannot be used',
    remedy: 'give one that starts with http://, https:// or socks5://',
    isUnsent: true,
  });
}

interface Tunnel {
  readonly plan: TunnelPlan;
  readonly proxy: URL;
  readonly socket: Socket;
}

async function reachProxy(plan: TunnelPlan, proxy: URL, signal?: AbortSignal): Promise<Socket> {
  const host = plainHost(proxy.hostname);
  const port = proxy.port === '' && proxy.protocol.startsWith('socks') ? 1080 : portOf(proxy);
  try {
    const socket = await connectSocket(plan, { host, port }, signal);
    if (proxy.protocol !== 'https:') return socket;
    const encrypted = connectTls({
      socket,
      ...(isIP(host) === 0 ? { servername: host } : { host }),
    });
    await readiness(encrypted, 'secureConnect', {
      server: plan.server.origin,
      clock: plan.clock,
      timeoutMs: plan.handshakeTimeoutMs,
      step: 'the TLS handshake with the proxy was not complete',
      signal,
    });
    return encrypted;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw refused({ plan, proxy }, `it cannot be reached: ${messageOf(error)}`, error);
  }
}

function askToConnect({ plan, proxy, socket }: Tunnel, signal?: AbortSignal): Promise<void> {
  const authority = `${plan.server.hostname}:${portOf(plan.server)}`;
  return new Promise((resolve, reject) => {
    const request = nodeHttp().request({
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...basicAuthorization(proxy) },
      createConnection: () => socket,
    });
    const bound = boundedBy(plan, signal, (error) => {
      request.destroy();
      reject(error);
    });
    request.once('connect', (response, _socket, head) => {
      bound.end();
      if (head.length > 0) socket.unshift(head);
      const refusal = refusalOf({ plan, proxy }, response);
      if (refusal === undefined) resolve();
      else reject(refusal);
    });
    request.once('response', (response) => {
      bound.end();
      response.destroy();
      reject(refused({ plan, proxy }, `it answered ${response.statusCode} to CONNECT`));
    });
    request.once('error', (cause) => {
      bound.end();
      const failure = explainFailure(cause, { server: plan.server.origin });
      reject(refused({ plan, proxy }, failure.message, cause));
    });
    request.end();
  });
}

/** What an answer to CONNECT says that is no connection to the server. */
function refusalOf(
  way: Pick<Tunnel, 'plan' | 'proxy'>,
  { statusCode, headers }: IncomingMessage,
): ConnectionError | undefined {
  if (statusCode === 407) return unauthenticated(way, 'it wants to know who asks (407)');
  if (statusCode !== 200) return refused(way, `it answered ${statusCode} to CONNECT`);
  // Portals that want a login answer everything with their page.
  const isPage = headers['content-type']?.startsWith('text/html') === true;
  return isPage ? refused(way, 'it answered CONNECT with a page of HTML') : undefined;
}

function basicAuthorization(proxy: URL): { 'proxy-authorization'?: string } {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

// Source: RFC 1928, and RFC 1929 for the password.
async function greetSocks(tunnel: Tunnel, signal?: AbortSignal): Promise<void> {
  const { plan, proxy, socket } = tunnel;
  const reader = byteReader(tunnel, signal);
  try {
    const hasPassword = proxy.username !== '';
    socket.write(Uint8Array.from(hasPassword ? [5, 2, 0, 2] : [5, 1, 0]));
    const [version, method] = await reader.read(2);
    if (version !== 5) throw refused(tunnel, 'it does not speak SOCKS 5');
    if (method === 2 && hasPassword) await sendPassword(tunnel, reader);
    else if (method !== 0) {
      throw unauthenticated(tunnel, 'it wants credentials that the proxy URL lacks');
    }
    socket.write(connectRequest(plainHost(plan.server.hostname), portOf(plan.server)));
    const answer = await reader.read(4);
    if (answer[1] !== 0) throw refused(tunnel, socksRefusals[answer[1] ?? 1] ?? 'it failed');
    const addressLength =
      answer[3] === 1 ? 4 : answer[3] === 4 ? 16 : ((await reader.read(1))[0] ?? 0);
    await reader.read(addressLength + 2);
  } finally {
    reader.end();
  }
}

const socksRefusals: Readonly<Record<number, string>> = {
  1: 'it failed',
  2: 'its rules do not allow the connection',
  3: 'it has no way to the network',
  4: 'it has no way to the host',
  5: 'nothing listens at the server',
  6: 'it gave up waiting',
  7: 'it does not know CONNECT',
  8: 'it does not know this kind of address',
};

async function sendPassword(tunnel: Tunnel, reader: ByteReader): Promise<void> {
  const user = Buffer.from(decodeURIComponent(tunnel.proxy.username));
  const password = Buffer.from(decodeURIComponent(tunnel.proxy.password));
  if (user.length > 255 || password.length > 255) {
    throw refused(tunnel, 'user and password may have 255 bytes each');
  }
  tunnel.socket.write(
    Buffer.concat([Buffer.of(1, user.length), user, Buffer.of(password.length), password]),
  );
  const [, status] = await reader.read(2);
  if (status !== 0) throw unauthenticated(tunnel, 'it refused user and password');
}

function connectRequest(host: string, port: number): Buffer {
  const tail = Buffer.of(port >> 8, port & 255);
  const family = isIP(host);
  if (family === 4)
    return Buffer.concat([Buffer.of(5, 1, 0, 1, ...host.split('.').map(Number)), tail]);
  if (family === 6) return Buffer.concat([Buffer.of(5, 1, 0, 4), ipv6Bytes(host), tail]);
  const name = Buffer.from(host);
  return Buffer.concat([Buffer.of(5, 1, 0, 3, name.length), name, tail]);
}

function ipv6Bytes(host: string): Buffer {
  const [head = '', tail = ''] = host.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const first = groups(head);
  const last = host.includes('::') ? groups(tail) : [];
  const middle = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return Buffer.from([...first, ...middle, ...last].flatMap((group) => [group >> 8, group & 255]));
}

interface ByteReader {
  read(count: number): Promise<Buffer>;
  end(): void;
}

// Takes exactly the bytes of the handshake: what follows belongs to the server.
function byteReader(tunnel: Tunnel, signal?: AbortSignal): ByteReader {
  const { plan, socket } = tunnel;
  let failure: Error | undefined;
  let wake: () => void = () => {};
  const fail = (error: Error): void => {
    failure ??= error;
    wake();
  };
  const bound = boundedBy(plan, signal, fail);
  const onReadable = (): void => wake();
  const onError = (cause: Error): void => fail(refused(tunnel, 'the connection was cut', cause));
  const onEnd = (): void => fail(refused(tunnel, 'it hung up'));
  socket.on('readable', onReadable).on('error', onError).on('end', onEnd).on('close', onEnd);
  return {
    async read(count) {
      while (true) {
        if (failure !== undefined) throw failure;
        const bytes: Buffer | null = count === 0 ? Buffer.alloc(0) : socket.read(count);
        if (bytes?.length === count) return bytes;
        // At its end a stream gives what it has.
        if (bytes !== null) throw refused(tunnel, 'it hung up');
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    end() {
      bound.end();
      socket
        .off('readable', onReadable)
        .off('error', onError)
        .off('end', onEnd)
        .off('close', onEnd);
    },
  };
}

function boundedBy(
  plan: TunnelPlan,
  signal: AbortSignal | undefined,
  fail: (error: Error) => void,
): { end(): void } {
  const { origin } = plan.server;
  const timer = plan.clock.schedule(plan.connectTimeoutMs, () =>
    fail(
      new ConnectionError({
        problem: 'timeout',
        message: `${origin}: the proxy made no connection within ${plan.connectTimeoutMs} ms`,
        server: origin,
        isUnsent: true,
      }),
    ),
  );
  const onAbort = (): void => fail(signal?.reason as Error);
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    end() {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

function refused(
  way: Pick<Tunnel, 'plan' | 'proxy'>,
  why: string,
  cause?: unknown,
): ConnectionError {
  const remedy = 'check proxy-url, or HTTPS_PROXY and NO_PROXY';
  return failure(way, { problem: 'proxy', why, remedy, cause });
}

function unauthenticated(way: Pick<Tunnel, 'plan' | 'proxy'>, why: string): ConnectionError {
  const remedy =
    'put user and password into proxy-url or HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT';
  return failure(way, { problem: 'proxy-authentication', why, remedy });
}

function failure(
  { plan, proxy }: Pick<Tunnel, 'plan' | 'proxy'>,
  {
    why,
    ...said
  }: Pick<ConnectionError, 'problem' | 'remedy'> & {
    readonly why: string;
    readonly cause?: unknown;
  },
): ConnectionError {
  const server = plan.server.origin;
  return new ConnectionError({
    ...said,
    message: `${server}: no connection through the proxy ${proxy.protocol}//${proxy.host}: ${why}`,
    server,
    isUnsent: true,
  });
}
