import type { WebhookEndpoint } from '@fairway/apiserver';
import type { Transport } from '@fairway/client/connect';
import type { Host, Timer } from '@fairway/host';
import type { Handler, HttpRequest, HttpResponse } from '@fairway/protocol';
import { onBodyEnd } from '@fairway/serving';

type Needed = Pick<Host, 'clock' | 'random'>;

/** Webhooks to which connections are kept; the one asked least recently is left for another one. */
const webhooksMax = 50;

/** How long connections are kept that nobody uses, as in a kube-apiserver. */
const idleMs = 90_000;

/**
 * The ways of a server to webhooks: over TLS, with connections that are kept for the next request, and no
 * proxy. A webhook that is to be known by another authority than before gets new connections.
 */
export class WebhookConnections implements AsyncDisposable {
  readonly #host: Needed;
  /** By host and port, least recently asked first. */
  readonly #kept = new Map<string, KeptConnections>();

  readonly #webhooksMax: number;

  constructor(host: Needed, limits: { readonly webhooksMax: number } = { webhooksMax }) {
    this.#host = host;
    this.#webhooksMax = limits.webhooksMax;
  }

  /**
   * Throws for a webhook behind a service, since nothing leads there before this cluster has a service
   * network.
   */
  dial(endpoint: WebhookEndpoint): Handler {
    const { service } = endpoint;
    if (service !== undefined) {
      const name = `${service.namespace}/${service.name}`;
      const why = `no service network leads to service ${name} yet`;
      throw new Error(`${why}; give the webhook a clientConfig.url (docs/gaps.md)`);
    }
    return (request) => this.#keptFor(endpoint).send(request);
  }

  /** Lets running requests finish, and keeps no connection after them. */
  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map((kept) => kept.retire()));
  }

  #keptFor(endpoint: WebhookEndpoint): KeptConnections {
    const key = `${endpoint.host} ${endpoint.port}`;
    let kept = this.#kept.get(key);
    this.#kept.delete(key);
    if (kept?.certificateAuthority !== endpoint.certificateAuthority) {
      void kept?.retire();
      kept = undefined;
    }
    kept ??= new KeptConnections(this.#host, endpoint, () => this.#leave(key));
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#webhooksMax && oldest !== undefined) this.#leave(oldest);
    return kept;
  }

  #leave(key: string): void {
    void this.#kept.get(key)?.retire();
    this.#kept.delete(key);
  }
}

/** Connections to one webhook that is known by one authority. */
class KeptConnections {
  readonly certificateAuthority: string | undefined;
  readonly #host: Needed;
  readonly #endpoint: WebhookEndpoint;
  readonly #onIdle: () => void;
  #transport: Promise<Transport> | undefined;
  #requests = 0;
  #hasAnswered = false;
  #isRetired = false;
  #idle: Timer | undefined;

  constructor(host: Needed, endpoint: WebhookEndpoint, onIdle: () => void) {
    this.#host = host;
    this.#endpoint = endpoint;
    this.#onIdle = onIdle;
    this.certificateAuthority = endpoint.certificateAuthority;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    this.#requests += 1;
    this.#idle?.cancel();
    try {
      const response = await this.#exchange(request);
      this.#hasAnswered = true;
      return onBodyEnd(response, () => void this.#release());
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

  /** A kept connection may end just when it is used again. To ask a webhook twice changes nothing. */
  async #exchange(request: HttpRequest): Promise<HttpResponse> {
    const isKept = this.#hasAnswered;
    const { ConnectionError } = await import('@fairway/client');
    const transport = await (this.#transport ??= this.#connect());
    try {
      return await transport.send(request);
    } catch (failure) {
      const isReset = failure instanceof ConnectionError && failure.problem === 'reset';
      if (!isKept || !isReset) throw failure;
      return transport.send(request);
    }
  }

  async #connect(): Promise<Transport> {
    const { clock, random } = this.#host;
    const { scheme, host, port, certificateAuthority } = this.#endpoint;
    const [{ explicitTarget }, { buildTransport }] = await Promise.all([
      import('@fairway/client'),
      import('@fairway/client/connect'),
    ]);
    const server = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const trust = certificateAuthority === undefined ? {} : { certificateAuthority };
    return buildTransport(explicitTarget(clock, { server, ...trust }), { clock, random });
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
