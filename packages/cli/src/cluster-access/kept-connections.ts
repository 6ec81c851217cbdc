import type { ClusterTarget } from '@fairway/client';
import type { Transport, TransportOptions } from '@fairway/client/connect';
import type { Host, Timer } from '@fairway/host';
import {
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  hostPort,
  isSafe,
  onBodyEnd,
  onUpgradeEnd,
} from '@fairway/protocol';
import type { Upstream } from '@fairway/serving';

type Needed = Pick<Host, 'clock' | 'random'>;

/** How long connections are kept that nobody uses, as in a kube-apiserver. */
const idleMs = 90_000;

/** A server that is reached again and again. */
export interface KeptServer {
  /** `10.1.2.3 10250` */
  readonly key: string;
  /** By which it is known, if it has to be; what was opened for one authority is not used for another. */
  readonly certificateAuthority: string | undefined;
  target(): Promise<ClusterTarget>;
  /** Whether what changes something may be sent twice, as what only asks may. */
  readonly mayRepeatWrites?: boolean;
  readonly options?: Pick<
    TransportOptions,
    'isHttp2Wanted' | 'isRetryWanted' | 'limits' | 'openStream'
  >;
}

/**
 * Ways to servers, with connections that are kept for the next request, and no proxy. Of more than
 * `serversMax` the one asked least recently is left.
 */
export class KeptConnections implements AsyncDisposable {
  readonly #host: Needed;
  readonly #serversMax: number;
  /** Least recently asked first. */
  readonly #kept = new Map<string, ServerConnections>();

  constructor(host: Needed, { serversMax }: { readonly serversMax: number }) {
    this.#host = host;
    this.#serversMax = serversMax;
  }

  to(server: KeptServer): Upstream {
    return {
      send: (request) => this.#connectionsTo(server).send(request),
      upgrade: (request) => this.#connectionsTo(server).upgrade(request),
    };
  }

  /** Lets running requests finish, and keeps no connection after them. */
  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map((kept) => kept.retire()));
  }

  /** To be used at once: for the next request it may be another one. */
  #connectionsTo(server: KeptServer): ServerConnections {
    const key = `${server.key} ${server.certificateAuthority ?? ''}`;
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    const known = kept ?? new ServerConnections(this.#host, server, () => this.#leave(key));
    this.#kept.set(key, known);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#serversMax && oldest !== undefined) this.#leave(oldest);
    return known;
  }

  #leave(key: string): void {
    void this.#kept.get(key)?.retire();
    this.#kept.delete(key);
  }
}

/** Connections to one server that is known by one authority. */
class ServerConnections {
  readonly #host: Needed;
  readonly #server: KeptServer;
  readonly #onIdle: () => void;
  #transport: Promise<Transport> | undefined;
  #requests = 0;
  #hasAnswered = false;
  #isRetired = false;
  #idle: Timer | undefined;

  constructor(host: Needed, server: KeptServer, onIdle: () => void) {
    this.#host = host;
    this.#server = server;
    this.#onIdle = onIdle;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    this.#begin();
    try {
      const response = await this.#exchange(request);
      this.#hasAnswered = true;
      return onBodyEnd(response, () => void this.#release());
    } catch (failure) {
      await this.#release();
      throw failure;
    }
  }

  /** Streams have connections of their own. */
  async upgrade(request: HttpRequest): Promise<UpgradeAnswer> {
    this.#begin();
    try {
      const answer = await (await this.#connected()).upgrade(request);
      return onUpgradeEnd(answer, () => void this.#release());
    } catch (failure) {
      await this.#release();
      throw failure;
    }
  }

  async retire(): Promise<void> {
    this.#isRetired = true;
    this.#idle?.cancel();
    if (this.#requests === 0) await this.#close();
  }

  #begin(): void {
    this.#requests += 1;
    this.#idle?.cancel();
  }

  /** A kept connection may end just when it is used again: what can be asked twice is. */
  async #exchange(request: HttpRequest): Promise<HttpResponse> {
    const isKept = this.#hasAnswered;
    const { ConnectionError } = await import('@fairway/client');
    const transport = await this.#connected();
    try {
      return await transport.send(request);
    } catch (failure) {
      const isReset = failure instanceof ConnectionError && failure.problem === 'reset';
      if (!isKept || !isReset || !this.#isRepeatable(request)) throw failure;
      return transport.send(request);
    }
  }

  #isRepeatable(request: HttpRequest): boolean {
    // A body that is a stream is gone when it was sent.
    const isWhole = request.body === undefined || request.body instanceof Uint8Array;
    return isWhole && (isSafe(request) || this.#server.mayRepeatWrites === true);
  }

  #connected(): Promise<Transport> {
    return (this.#transport ??= this.#connect());
  }

  async #connect(): Promise<Transport> {
    const { clock, random } = this.#host;
    const [target, { buildTransport }] = await Promise.all([
      this.#server.target(),
      import('@fairway/client/connect'),
    ]);
    return buildTransport(target, { clock, random, ...this.#server.options });
  }

  async #release(): Promise<void> {
    this.#requests -= 1;
    if (this.#requests > 0) return;
    if (this.#isRetired) await this.#close();
    else this.#idle = this.#host.clock.schedule(idleMs, this.#onIdle);
  }

  async #close(): Promise<void> {
    const transport = await this.#transport;
    this.#transport = undefined;
    await transport?.close();
  }
}

export function addressOf({
  scheme,
  host,
  port,
}: {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}): string {
  return `${scheme}://${hostPort(host, port)}`;
}
