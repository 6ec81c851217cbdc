import type { Duplex } from 'node:stream';
import { createSecureContext } from 'node:tls';
import type { Clock, Secret } from '@fairway/host';
import type {
  Handler,
  HttpRequest,
  HttpResponse,
  UpgradeAnswer,
  UpgradeHandler,
} from '@fairway/protocol';
import type { ClientCertificate, Credentials, TrustSource } from '../cluster-target.ts';
import { Attempt, isWatch } from './attempt.ts';
import { ConnectionError, clientClosed } from './connection-error.ts';
import { explainFailure } from './explain-failure.ts';
import { type ConnectionLimits, ServerConnections } from './server-connections.ts';
import type { TlsPlan } from './socket-plan.ts';
import { wireRequest } from './wire-request.ts';

/** What it takes to talk to one address of a cluster. */
export interface NodeTransportOptions {
  /** `http:` or `https:`; its path is a prefix of every request. */
  readonly server: string;
  readonly trust: TrustSource;
  /** Asked for the client certificate only. */
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly proxyUrl?: Secret | undefined;
  /** See `SocketPlan`. */
  readonly openStream?: (() => Promise<Duplex>) | undefined;
  /** HTTP/2 when the server speaks it, unless this is false. */
  readonly isHttp2Wanted?: boolean;
  /** See `TransportOptions`. */
  readonly isHttp2ForWatchesOnly?: boolean;
  readonly limits?: Partial<TransportLimits>;
}

/** Bounds on waiting. */
export interface TransportLimits extends ConnectionLimits {
  /** A server that should be answering may be silent for so long; watches and logs excepted. */
  readonly silenceMs: number;
}

const defaultLimits: TransportLimits = {
  // The system repeats an unanswered SYN after 1, 3, 7 and 15 s: a connection without an answer to
  // the third is started again, so that a server that returns is noticed soon.
  connectTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
  // A server gives up on a request after 60 seconds, and says so.
  silenceMs: 90_000,
};

/** The connections to one address of a cluster, by Node.js' own modules. */
export interface Wire {
  readonly send: Handler;
  readonly upgrade: UpgradeHandler;
  /**
   * Cuts every connection, upgraded ones too; what is under way fails. What began before the client
   * certificate or the authority was renewed goes on to its end.
   */
  close(): void;
}

/** Makes a wire to one address. Connects when there is something to send. */
export function nodeTransport(options: NodeTransportOptions): Wire {
  const transport = new NodeTransport(options);
  return {
    send: (request) => transport.send(request),
    upgrade: (request) => transport.upgrade(request),
    close: () => transport.close(),
  };
}

class NodeTransport {
  readonly #options: NodeTransportOptions;
  readonly #server: URL;
  readonly #prefix: string;
  readonly #limits: TransportLimits;
  #identity: Identity | undefined;
  #isClosed = false;

  constructor(options: NodeTransportOptions) {
    this.#options = options;
    this.#server = new URL(options.server);
    this.#prefix = this.#server.pathname.replace(/\/+$/, '');
    this.#limits = { ...defaultLimits, ...options.limits };
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    return this.#try(request, (connections, prefixed, attempt) =>
      connections.send(prefixed, attempt),
    );
  }

  upgrade(request: HttpRequest): Promise<UpgradeAnswer> {
    return this.#try(request, (connections, prefixed, attempt) =>
      connections.upgrade(prefixed, attempt),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#identity?.connections.close();
  }

  async #try<Answer>(
    request: HttpRequest,
    send: (
      connections: ServerConnections,
      prefixed: HttpRequest,
      attempt: Attempt,
    ) => Promise<Answer>,
  ): Promise<Answer> {
    request.signal.throwIfAborted();
    const prefixed = wireRequest(request, this.#prefix);
    const { connections, watches } = await this.#current();
    const attempt = new Attempt(request, {
      clock: this.#options.clock,
      silenceMs: this.#limits.silenceMs,
      server: this.#server.origin,
      onEnd: () => watches.delete(attempt),
    });
    if (isWatch(request)) watches.add(attempt);
    try {
      return await send(connections, prefixed, attempt);
    } catch (error) {
      attempt.end();
      throw error;
    }
  }

  // A connection proves who we are and trusts whom it trusted when it was opened, so another
  // certificate on either side means other connections.
  async #current(): Promise<Identity> {
    const { trust, credentials } = this.#options;
    const isSecure = this.#server.protocol === 'https:';
    const authority = isSecure ? await trust.certificateAuthority() : undefined;
    const certificate = isSecure ? (await credentials.current()).clientCertificate : undefined;
    if (this.#isClosed) throw clientClosed(this.#server.origin);
    const known = this.#identity;
    if (known !== undefined && known.authority === authority && known.certificate === certificate) {
      return known;
    }
    const tls = isSecure ? this.#tlsPlan(authority, certificate) : undefined;
    const connections = new ServerConnections({
      ...this.#limits,
      server: this.#server,
      clock: this.#options.clock,
      proxyUrl: this.#options.proxyUrl,
      openStream: this.#options.openStream,
      isHttp2Wanted: this.#options.isHttp2Wanted ?? true,
      isHttp2ForWatchesOnly: this.#options.isHttp2ForWatchesOnly ?? false,
      ...(tls === undefined ? {} : { tls }),
    });
    known?.connections.retire();
    // A watch would continue with the old credential; it is ended, and the reflector opens it
    // again.
    if (known !== undefined && known.certificate !== certificate) endWatches(known, this.#server);
    this.#identity = { authority, certificate, connections, watches: new Set() };
    return this.#identity;
  }

  #tlsPlan(authority: string | undefined, certificate: ClientCertificate | undefined): TlsPlan {
    const { trust } = this.#options;
    try {
      const context = createSecureContext({
        minVersion: 'TLSv1.2',
        ...(authority === undefined ? {} : { ca: authority }),
        ...(certificate === undefined
          ? {}
          : { cert: certificate.certificate, key: certificate.key.reveal() }),
      });
      return { context, serverName: trust.serverName, isInsecure: trust.isInsecure };
    } catch (cause) {
      const failure = explainFailure(cause, { server: this.#server.origin });
      throw new ConnectionError({
        problem: 'tls-failed',
        message: `${failure.message}: the certificates for this server cannot be used`,
        remedy: 'check certificate-authority, client-certificate and client-key: PEM, and a pair',
        server: this.#server.origin,
        isUnsent: true,
        cause,
      });
    }
  }
}

interface Identity {
  readonly authority: string | undefined;
  readonly certificate: ClientCertificate | undefined;
  readonly connections: ServerConnections;
  /** Those that are going on. */
  readonly watches: Set<Attempt>;
}

function endWatches({ watches }: Identity, { origin }: URL): void {
  for (const attempt of watches) {
    attempt.abort(
      new ConnectionError({
        problem: 'reset',
        message: `${origin}: the watch was ended, because the client certificate has been renewed`,
        server: origin,
      }),
    );
  }
}
