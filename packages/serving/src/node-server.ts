import type { IncomingMessage, Server as Http1Server, ServerOptions } from 'node:http';
import { type Http2SecureServer, createSecureServer } from 'node:http2';
import type { SecureContext } from 'node:tls';
import type { Secret } from '@fairway/host';
import type { ServingLimits } from './serving-limits.ts';
import { isUpgradeWanted } from './upgrade.ts';

/** Node.js has `closeIdleConnections` on both; the types know it of one only. */
export type NodeServer =
  | Http1Server
  | (Http2SecureServer & Pick<Http1Server, 'closeIdleConnections'>);

/** The certificate and key of a server, and the authorities of its clients. All in PEM. */
export interface ServerTls {
  /** The serving certificate, followed by its intermediates if there are any. */
  readonly certificate: string;
  readonly key: Secret;
  /** Clients are asked for a certificate of these; absent: they are not asked. */
  readonly clientCertificateAuthorities?: string;
  /** Another certificate for clients that ask for a name, chosen anew for each; undefined: the one above. */
  readonly contextFor?: (serverName: string) => SecureContext | undefined;
}

/** A server that accepts HTTP/2 and HTTP/1.1 on one port with TLS, HTTP/1.1 without. */
export function createNodeServer(tls: ServerTls | undefined, limits: ServingLimits): NodeServer {
  const server = tls === undefined ? createPlain(limits) : createTls(tls, limits);
  server.maxConnections = limits.connectionsMax;
  // These belong to HTTP/1.1, which both kinds of server speak; the types know them of one only.
  return Object.assign(server, {
    headersTimeout: limits.headersTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    // A whole upload may take as long as it likes: deadlines are a filter's business.
    requestTimeout: 0,
  });
}

/** The part of `ServerTls` that a running server can exchange, as Node.js names it. */
export function secureContextOptions(tls: ServerTls): {
  cert: string;
  key: string;
  ca?: string;
  minVersion: 'TLSv1.2';
} {
  return {
    cert: tls.certificate,
    key: tls.key.reveal(),
    minVersion: 'TLSv1.2',
    ...(tls.clientCertificateAuthorities === undefined
      ? {}
      : { ca: tls.clientCertificateAuthorities }),
  };
}

// Importing `node:http` by name loads fetch and WebSocket too: 5 MB that a server does not use.
function createPlain(limits: ServingLimits): NodeServer {
  return process.getBuiltinModule('node:http').createServer(http1Options(limits));
}

function createTls(tls: ServerTls, limits: ServingLimits): NodeServer {
  const { contextFor } = tls;
  const server = createSecureServer({
    ...http1Options(limits),
    ...secureContextOptions(tls),
    ...(contextFor === undefined
      ? {}
      : {
          SNICallback(
            name: string,
            done: (failure: Error | null, context?: SecureContext) => void,
          ): void {
            done(null, contextFor(name));
          },
        }),
    allowHTTP1: true,
    // Without authorities of our own, Node.js would trust every public one.
    requestCert: tls.clientCertificateAuthorities !== undefined,
    rejectUnauthorized: false,
    handshakeTimeout: limits.handshakeTimeoutMs,
    settings: {
      maxConcurrentStreams: limits.concurrentStreamsMax,
      maxHeaderListSize: limits.headerBytesMax,
      initialWindowSize: 256 * 1024,
    },
    // In MB. What waits for slow readers counts; each stream is bounded by back-pressure.
    maxSessionMemory: 256,
  });
  // Node.js would wrap each HTTP/2 stream in an HTTP/1.1 look-alike as soon as somebody listens for
  // `request`, which HTTP/1.1 needs. Streams are answered as they are, at two thirds of the CPU.
  server.removeAllListeners('newListener');
  return server as NodeServer;
}

/** What our types do not know yet. */
interface NewerServerOptions {
  /** Which upgrades are for `upgrade` listeners: asked by Node.js from 24.9 on. */
  readonly shouldUpgradeCallback: (request: IncomingMessage) => boolean;
  /** From 24.12 on: no stream is made ready for a body that does not come. */
  readonly optimizeEmptyRequests: boolean;
}

function http1Options(limits: ServingLimits): ServerOptions & NewerServerOptions {
  return {
    noDelay: true,
    // Finds peers that vanished without a word, behind a watch that is silent for hours.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    maxHeaderSize: limits.headerBytesMax,
    connectionsCheckingInterval: Math.min(limits.headersTimeoutMs, 5_000),
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: ({ headers }) => isUpgradeWanted(headers),
  };
}
