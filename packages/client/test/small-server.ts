import { readFileSync } from 'node:fs';
import { type Server, createServer as createHttp1 } from 'node:http';
import {
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type SecureServerOptions,
  createSecureServer,
} from 'node:http2';
import { createServer as createHttps } from 'node:https';
import {
  type AddressInfo,
  type Server as NetServer,
  type Socket,
  connect,
  createServer as createTcp,
} from 'node:net';
import { manualTarget } from './manual-target.ts';
import type { ClusterTarget } from '../src/cluster-target.ts';

/** A server of a few lines, on a free port, that counts its connections. */
export interface SmallServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly target: ClusterTarget;
  /** Connections there have been. */
  connectionCount(): number;
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  cut(): void;
}

export type Answer = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** Reads a certificate or a key of the fixtures. */
export function pem(name: string): string {
  return readFileSync(new URL(`fixtures/certificates/${name}`, import.meta.url), 'utf8');
}

/** HTTP/2 with HTTP/1.1 for those who know no better. */
export function serveHttp2(
  answer: Answer,
  options: SecureServerOptions = {},
): Promise<SmallServer> {
  const server = createSecureServer({ ...identity(), allowHTTP1: true, ...options }, answer);
  return listen(server, 'https');
}

/** HTTP/1.1 over TLS. */
export function serveHttps(
  answer: Answer,
  options: SecureServerOptions = {},
): Promise<SmallServer> {
  const server = createHttps({ ...identity(), ...options }, answer as never);
  return listen(server, 'https');
}

/** HTTP/1.1 in the clear. */
export function serveHttp(answer: Answer): Promise<SmallServer> {
  return listen(createHttp1(answer as never), 'http');
}

/** Bytes as they come, for servers that misbehave. */
export async function listen(
  server: Server | Http2SecureServer | NetServer,
  scheme: 'http' | 'https',
): Promise<SmallServer> {
  const sockets = new Set<Socket>();
  let count = 0;
  const opened =
    scheme === 'https' && 'setSecureContext' in server ? 'secureConnection' : 'connection';
  server.on(opened, () => {
    count += 1;
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `${scheme}://127.0.0.1:${port}`;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url,
    port,
    target: manualTarget({ server: url }),
    connectionCount: () => count,
    sockets,
    cut,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

/** What sits between client and server, and can fall silent without a word to either. */
export async function relayTo(server: SmallServer): Promise<SmallServer & { freeze(): void }> {
  let isFrozen = false;
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (chunk) => void (isFrozen || to.write(chunk)));
    from.on('error', () => {}).once('close', () => to.destroy());
  };
  const relay = createTcp((near) => {
    const far = connect(server.port, '127.0.0.1');
    pass(near, far);
    pass(far, near);
  });
  return Object.assign(await listen(relay, 'https'), { freeze: () => void (isFrozen = true) });
}

function identity(): { key: string; cert: string } {
  return { key: pem('server.key'), cert: pem('server.pem') };
}
